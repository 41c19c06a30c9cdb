"""censor.py PORT UPSTREAM WORD: a front of a daemon whose operator lets everything pass but acts
of one kind: those whose bytes hold WORD (hexadecimal)."""
import http.server
import sys
import urllib.error
import urllib.request

port, upstream, word = int(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3])


class Front(http.server.BaseHTTPRequestHandler):
    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def forward(self, body):
        request = urllib.request.Request(upstream + self.path, data=body)
        if body is not None:
            request.add_header("Content-Type", self.headers.get("Content-Type", ""))
        try:
            with urllib.request.urlopen(request) as answer:
                self.answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.headers.get("Content-Type", ""), error.read())

    def do_GET(self):
        self.forward(None)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if word in body:
            self.answer(503, "text/plain", b"not now")
        else:
            self.forward(body)

    def log_message(self, *words):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Front).serve_forever()
