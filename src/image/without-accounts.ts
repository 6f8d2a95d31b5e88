/** ECR and Docker name accounts in what they say, and logs of public repositories are public. */
export function withoutAccounts(text: string): string {
  return text.replaceAll(/\b\d{12}\b/g, '<account>');
}
