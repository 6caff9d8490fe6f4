/** What Nest injects for the ports of the pure libraries, which are types and leave no trace at run time. */
export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const ID_SOURCE = Symbol('IdSource');
/** The installation's 32 secret bytes. Never used as they are: see deriveKey. */
export const ROOT_KEY = Symbol('RootKey');
