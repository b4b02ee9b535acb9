/** Texts under a name that all processes share. */
export interface SettingStore {
  get(name: string): Promise<string | null>;
  put(name: string, value: string | null): Promise<void>;
}
