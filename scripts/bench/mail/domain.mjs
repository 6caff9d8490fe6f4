/** Of the addresses of workflows in the bench. */
export const MAIL_DOMAIN = 'in.bench.example';
