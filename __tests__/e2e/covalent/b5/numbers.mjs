export const times = ({ value, by }) => value * by;
