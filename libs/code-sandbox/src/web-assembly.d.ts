/** What is used of WebAssembly: the types of Node declare none of it, those of the DOM would bring a browser along. */
declare namespace WebAssembly {
  class Module {
    private readonly brand;
  }
  class RuntimeError extends Error {}
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
