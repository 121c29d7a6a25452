"""A headless Chromium, spoken to through a pipe (the DevTools protocol): pages as people see them."""

import base64
import json
import os
import select
import shutil
import tempfile
import time

import owned

# What a page of ours may not have; asked of the page itself.
JUDGE = """(() => {
  const wide = [...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && !e.closest('svg') && (box.right > innerWidth + 0.5 || box.left < -0.5);
  }).map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40));
  const handlers = [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter(a => a.name.startsWith('on')).map(a => a.name));
  return {
    title: document.title, width: document.documentElement.scrollWidth, screen: innerWidth, height: document.documentElement.scrollHeight, wide,
    scripts: document.scripts.length, handlers, frames: document.querySelectorAll('iframe,object,embed,form,input').length,
    styled: getComputedStyle(document.body).maxWidth !== 'none', back: getComputedStyle(document.body).backgroundColor,
  };
})()"""


class Chromium:
    """One browser; `with` ends it."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="oxc")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The protocol is on the descriptors 3 and 4.
        self.process = owned.spawn(
            ["sh", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "sh", "chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--hide-scrollbars", "--no-first-run", "--disable-extensions", f"--user-data-dir={self.folder}", "--remote-debugging-pipe",
             "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=-3, stdout=-3, stderr=-3, env=os.environ | {"HOME": self.folder},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.input, self.output = ours_in, ours_out
        self.rest, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(domain + ".enable")
        return self

    def __exit__(self, *_):
        os.close(self.output)
        owned.stop(self.process)
        os.close(self.input)
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, deadline):
        while b"\0" not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                raise RuntimeError("chromium doesn't answer")
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise RuntimeError("chromium has ended")
            self.rest += piece
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if getattr(self, "session", None):
            request["sessionId"] = self.session
        text = json.dumps(request).encode() + b"\0"
        while text:
            text = text[os.write(self.output, text):]
        deadline = time.monotonic() + 60
        while True:
            message = self.message(deadline)
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def visit(self, url, width, height, scheme, headers, picture, whole=False):
        """Shows a page, keeps a picture of it, and returns what is wrong with it."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Network.setExtraHTTPHeaders", headers=headers)
        self.events = []
        self.call("Page.navigate", url=url)
        deadline = time.monotonic() + 60
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.message(deadline))
        seen = self.call("Runtime.evaluate", expression=JUDGE, returnByValue=True)["result"]["value"]
        options = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": seen["height"], "scale": 1}} if whole else {}
        image = base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])
        with open(picture, "wb") as f:
            f.write(image)
        return seen, self.problems(seen, url)

    def problems(self, seen, url):
        problems = []
        if seen["width"] > seen["screen"] or seen["wide"]:
            problems.append(f"it is {seen['width']} px wide on a screen of {seen['screen']}: {seen['wide'][:3]}")
        if seen["scripts"] or seen["handlers"] or seen["frames"]:
            problems.append(f"it has scripts, handlers, frames or forms: {seen['scripts']} {seen['handlers']} {seen['frames']}")
        if not seen["styled"]:
            problems.append("its style sheet was not taken: does the policy's hash fit?")
        for event in self.events:
            name, given = event.get("method"), event.get("params", {})
            if name == "Network.requestWillBeSent" and given["request"]["url"].split("#")[0] != url:
                # Browsers ask for it by themselves, whatever a page says.
                if not given["request"]["url"].endswith("/favicon.ico"):
                    problems.append(f"it loads {given['request']['url']}")
            elif name == "Log.entryAdded" and "favicon" not in json.dumps(given):
                problems.append(f"the browser says: {given['entry']['text']}")
            elif name in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                problems.append(f"a script ran: {name}")
            elif name == "Network.responseReceived" and given["response"]["url"] == url and given["response"]["status"] not in (0, 200):
                problems.append(f"status {given['response']['status']}")
        return problems
