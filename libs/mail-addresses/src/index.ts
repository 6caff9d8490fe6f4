export { LONGEST_ADDRESS, tryParseAddress, type MailAddress, type ParsedAddress } from './parse-address.ts';
export { addressKeyOf, domainOf } from './address-key.ts';
export { mailAddress } from './schema.ts';
