// What a reader chose, kept in this browser only. A browser that keeps nothing is no error.

const PREFIX = "taking-turns:";

export function recall(name: string): string | null {
    try {
        return localStorage.getItem(PREFIX + name);
    } catch {
        return null;
    }
}

export function remember(name: string, value: string | null): void {
    try {
        if (value === null) {
            localStorage.removeItem(PREFIX + name);
        } else {
            localStorage.setItem(PREFIX + name, value);
        }
    } catch {
        // Private windows may refuse; the page works, it forgets.
    }
}

/** What the names of guesses on a page begin with. */
export function guessesOf(page: string): string {
    return `guess:${page}:`;
}

/** What the names of guesses on this page begin with. */
export function guessesHere(): string {
    return guessesOf(location.pathname.split("/").pop() ?? "");
}

/** Forgets what was guessed on this page, and begins it anew. */
export function forgetGuesses(): void {
    for (const kept of recallAll(guessesHere()).keys()) remember(kept, null);
    location.reload();
}

/** Forgets what was guessed on any page. */
export function forgetAll(): void {
    for (const kept of recallAll("guess:").keys()) remember(kept, null);
}

/** All that was kept under names that begin like this. */
export function recallAll(start: string): Map<string, string> {
    const found = new Map<string, string>();
    try {
        for (let i = 0; i < localStorage.length; i++) {
            const key = localStorage.key(i);
            if (key?.startsWith(PREFIX + start)) {
                found.set(key.slice(PREFIX.length), localStorage.getItem(key) ?? "");
            }
        }
    } catch {
        // As above.
    }
    return found;
}
