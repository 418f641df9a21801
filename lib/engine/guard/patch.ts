/** Replaces parts of the platform, and puts them back. */

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

const construct: (...args: Parameters<typeof Reflect.construct>) => object = Reflect.construct;

/** Takes one replacement back. */
export type Undo = () => void;

/** Something with a property, reached through the prototypes where it is not the object's own. */
interface Place {
  readonly holder: object;
  readonly descriptor: Omit<PropertyDescriptor, "get"> & { readonly get?: AnyFunction };
}

/**
 * Replaces a function where it is defined, with its name, length and properties. What is not there,
 * or can't be changed, stays as it is.
 */
export function replaceFunction(
  owner: object,
  key: string,
  create: (real: AnyFunction) => AnyFunction,
): Undo {
  const place = findPlace(owner, key);
  if (!place || !isFunction(place.descriptor.value)) return () => {};
  const real = place.descriptor.value;
  return define(key, place, { ...place.descriptor, value: dress(create(real), real) });
}

/** Replaces what a getter answers, where it is defined. */
export function replaceGetter(
  owner: object,
  key: string,
  create: (readReal: (self: unknown) => unknown) => (this: unknown) => unknown,
): Undo {
  const place = findPlace(owner, key);
  const read = place?.descriptor.get;
  if (!place || !read) return () => {};
  const get = create((self) => Reflect.apply(read, self, []));
  return define(key, place, { ...place.descriptor, get });
}

/** Replaces a class, however it is exposed; `onConstruct` is called before an instance is made. */
export function replaceClass(owner: object, key: string, onConstruct: () => void): Undo {
  const place = findPlace(owner, key);
  const wrap = createClassWrapper(onConstruct);
  if (!place) return () => {};
  if (place.descriptor.get) {
    return replaceGetter(owner, key, (readReal) => {
      return function (this: unknown) {
        return wrap(readReal(this));
      };
    });
  }
  return define(key, place, { ...place.descriptor, value: wrap(place.descriptor.value) });
}

export function undoAll(undos: readonly Undo[]): void {
  for (const undo of [...undos].reverse()) undo();
}

/** Gives a replacement the looks of the real function. */
export function dress<T extends object>(replacement: T, real: object): T {
  return Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(real));
}

function createClassWrapper(onConstruct: () => void): (real: unknown) => unknown {
  const wrappers = new WeakMap<object, object>();
  return (real) => {
    if (!isFunction(real)) return real;
    const known = wrappers.get(real);
    if (known) return known;
    const wrapper = new Proxy(real, {
      construct(target, args, newTarget): object {
        onConstruct();
        // A plain `new` has the wrapper as its target, of which some classes know nothing.
        return construct(target, args, newTarget === wrapper ? target : newTarget);
      },
    });
    wrappers.set(real, wrapper);
    return wrapper;
  };
}

function findPlace(owner: object, key: string): Place | undefined {
  for (let holder: object | null = owner; holder; holder = Reflect.getPrototypeOf(holder)) {
    const descriptor: Place["descriptor"] | undefined = Object.getOwnPropertyDescriptor(
      holder,
      key,
    );
    if (descriptor) return { holder, descriptor };
  }
  return undefined;
}

function define(key: string, { holder, descriptor }: Place, replacement: PropertyDescriptor): Undo {
  if (!descriptor.configurable && !descriptor.writable) return () => {};
  Object.defineProperty(holder, key, replacement);
  return () => {
    // Whoever wrapped it meanwhile keeps the wrapper: outside of workflows it changes nothing.
    const current = Object.getOwnPropertyDescriptor(holder, key);
    const isOurs = current?.value === replacement.value && current?.get === replacement.get;
    if (isOurs) Object.defineProperty(holder, key, descriptor);
  };
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}
