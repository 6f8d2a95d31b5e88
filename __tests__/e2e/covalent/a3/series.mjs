export function series({ terms }) {
  let sum = 0;
  for (let term = 0; term < terms; term += 1) sum += (term % 2 === 0 ? 4 : -4) / (2 * term + 1);
  return sum;
}
