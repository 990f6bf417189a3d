/** The UTF-16 code units that the topic syntax gives a meaning to (MQTT 5.0 and 3.1.1 section 4.7.1). */

export const NULL_CHARACTER = 0x00;
export const NUMBER_SIGN = 0x23; // '#', the multi-level wildcard
export const DOLLAR_SIGN = 0x24; // '$', the first character of a server's own topics
export const PLUS_SIGN = 0x2b; // '+', the single-level wildcard
export const SOLIDUS = 0x2f; // '/', the topic level separator
