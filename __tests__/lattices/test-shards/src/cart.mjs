/** What a webshop's cart costs, in cents. */
export function total(lines) {
  return lines.reduce((sum, { price, count }) => sum + price * count, 0);
}

export function discounted(cents, percent) {
  if (percent < 0 || percent > 100) throw new RangeError(`no such discount: ${percent}%`);
  return Math.round(cents * (1 - percent / 100));
}

export function shipping(cents) {
  return cents >= 5000 ? 0 : 495;
}

export function format(cents) {
  return `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')} EUR`;
}
