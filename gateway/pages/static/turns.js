// Answers come in any order: only the newest question's counts.

/** Questions of one kind. `begin` says that a new one is asked, and returns whether it still counts. */
export class Turns {
  #last = 0;

  begin() {
    const mine = ++this.#last;
    return () => mine === this.#last;
  }
}
