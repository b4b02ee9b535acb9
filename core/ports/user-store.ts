export type User = {
  readonly id: string;
  /** Lower case; null, like the password, for who signs in elsewhere alone. */
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly role: "customer" | "admin";
  readonly createdAtMs: number;
};

/**
 * How somebody is known elsewhere, such as `wechat:openid:<app>:<openid>`: at most IDENTITY_MAX_CHARS, upper and lower
 * case told apart.
 */
export type Identity = string;

export const IDENTITY_MAX_CHARS = 190;

/** A user who is to be made if there is none yet; without e-mail address and password. */
export type Newcomer = Pick<User, "id" | "createdAtMs">;

export type SignedIn = { readonly user: User; readonly created: boolean };

/** The users, whether they sign in here or prove elsewhere who they are. */
export interface UserStore {
  /** With an account of 0 credits. */
  create(user: User): Promise<"created" | "email-taken">;
  find(id: string): Promise<User | null>;
  findByEmail(email: string): Promise<User | null>;
  /**
   * The user of the first of these identities that belongs to anybody; else the newcomer, with an account as every new
   * user has it. Identities that are nobody's belong to that user from now on; one that is another's stays so. However
   * many come at once with an identity, they are one user.
   */
  signInAs(identities: readonly Identity[], newcomer: Newcomer): Promise<SignedIn>;
}
