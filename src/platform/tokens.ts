/** What Nest injects for the ports of the pure libraries, which are types and leave no trace at run time. */
export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const ID_SOURCE = Symbol('IdSource');
/** See RootKeys. */
export const ROOT_KEYS = Symbol('RootKeys');
