export const greet = (name) => /* DEBUG */ `hello ${name}`;
