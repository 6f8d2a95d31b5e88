export const identity = ({ value }) => value;
export const pair = ({ low, high }) => [low, high];
