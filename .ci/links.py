"""Asks each page that the book links to whether it is there.

Run:  cargo book links > links.txt; python3 .ci/links.py links.txt
      python3 .ci/links.py --check     tries the script itself, on this machine alone

A line is an address, a blank, and the pages that have it. An address that is gone
fails; a site that does not want to be asked by a program, is busy or is slow does not,
and is listed.
"""

import collections
import concurrent.futures
import http.server
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Some sites turn away what does not look like a browser.
AGENT = "Mozilla/5.0 (compatible; link check of a book; it asks once a week)"
GONE = {404, 410}
TRIES = 3
TIMEOUT_S = 20
# Between two questions to one host.
PAUSE_S = 1.0
# Hosts that are asked at the same time.
AT_ONCE = 8


def ask(address, timeout_s=TIMEOUT_S, pause_s=PAUSE_S):
    """(verdict, why): verdict is "there", "gone" or "unsure"."""
    request = urllib.request.Request(address, headers={"User-Agent": AGENT})
    why = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause_s * 2 ** attempt)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return "there", str(answer.status)
        except urllib.error.HTTPError as e:
            if e.code in GONE:
                return "gone", str(e.code)
            why = str(e.code)
            if e.code not in (429, 500, 502, 503, 504):
                break
        except urllib.error.URLError as e:
            why = str(e.reason)
            if isinstance(e.reason, socket.gaierror) and attempt == TRIES - 1:
                return "gone", why
        except (OSError, ValueError) as e:
            why = str(e)
    return "unsure", why


def of_host(addresses, pause_s=PAUSE_S):
    found = []
    for i, address in enumerate(addresses):
        if i:
            time.sleep(pause_s)
        found.append((address, *ask(address, pause_s=pause_s)))
    return found


def check(lines, pause_s=PAUSE_S):
    """What became of each address, hosts side by side, each asked slowly."""
    pages = dict(line.strip().split(None, 1) for line in lines if line.strip())
    hosts = collections.defaultdict(list)
    for address in pages:
        hosts[urllib.parse.urlsplit(address).netloc].append(address)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        asked = pool.map(lambda host: of_host(host, pause_s), hosts.values())
        found = sorted(one for of_one in asked for one in of_one)
    return [(address, pages[address], verdict, why) for address, verdict, why in found]


def report(found):
    for wanted, title in [("unsure", "Not known to be there"), ("gone", "Gone")]:
        of_it = [one for one in found if one[2] == wanted]
        if of_it:
            print(f"{title}: {len(of_it)}")
        for address, pages, _, why in of_it:
            print(f"  {address} ({why}): {pages}")
    print(f"{len(found)} addresses were asked.")
    return any(verdict == "gone" for _, _, verdict, _ in found)


class Site(http.server.BaseHTTPRequestHandler):
    """Pages that are there, have moved, are gone, and turn us away."""

    def do_GET(self):
        name = self.path.strip("/")
        status = {"there": 200, "moved": 302, "gone": 404, "shy": 403}[name]
        self.send_response(status)
        if name == "moved":
            self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def check_itself():
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{site.server_port}/"
    names = ("there", "moved", "gone", "shy")
    lines = [f"{base}{name} a.html, b.html\n" for name in names]
    found = {a.removeprefix(base): (v, w) for a, _, v, w in check(lines, pause_s=0)}
    site.shutdown()
    wanted = {
        "there": ("there", "200"),
        "moved": ("there", "200"),
        "gone": ("gone", "404"),
        "shy": ("unsure", "403"),
    }
    assert found == wanted, found
    print("What is gone is told from what is there, has moved or turns us away.")


def main():
    if sys.argv[1:] == ["--check"]:
        return check_itself()
    if len(sys.argv) != 2:
        sys.exit("usage: links.py FILE | --check")
    with open(sys.argv[1], encoding="utf-8") as lines:
        sys.exit(1 if report(check(lines)) else 0)


if __name__ == "__main__":
    main()
