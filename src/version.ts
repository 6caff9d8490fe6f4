/** As outside systems see us in `User-Agent`. */
export const VERSION = '0.1.0';
