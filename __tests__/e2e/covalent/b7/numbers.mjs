export const power = ({ base, exponent }) => base ** exponent;
export const after = () => 1500;
