"""comity: libcomity for Python by ctypes, in one file to copy. No dependency.

    trust = Trust(open("ledger.vkey").read().strip())
    trust.witness(open("witness.vkey").read().strip())
    # or, for a federation: trust = Trust.policy("example.org/federation", open("policy").read())
    report = verify(open("receipt.json", "rb").read(), trust)
    report["holds"], report["steps"], report["answer"]

The library is looked for as the system's loader does; the variable LIBCOMITY names another file.
"""
import ctypes
import json
import os

_lib = ctypes.CDLL(os.environ.get("LIBCOMITY", "libcomity.so.0"))

TRUST_BYTES = 20480  # COMITY_TRUST_BYTES
STEPS_MAX = 16  # COMITY_STEPS_MAX


class _Step(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_uint32), ("error", ctypes.c_int32),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64), ("c", ctypes.c_uint64)]


class _Report(ctypes.Structure):
    """struct comity_report of comity.h, field by field."""
    _fields_ = [("kind", ctypes.c_uint32), ("error", ctypes.c_int32),
                ("detail", ctypes.c_uint32), ("n_steps", ctypes.c_uint32),
                ("steps", _Step * STEPS_MAX),
                ("size", ctypes.c_uint64), ("index", ctypes.c_uint64),
                ("time_ms", ctypes.c_uint64), ("records", ctypes.c_uint64),
                ("witnesses", ctypes.c_uint32), ("need", ctypes.c_uint32),
                ("cosigned", ctypes.c_uint32), ("signers", ctypes.c_uint32),
                ("convicts", ctypes.c_uint32), ("reserved0", ctypes.c_uint32),
                ("root", ctypes.c_uint8 * 32), ("act", ctypes.c_uint8 * 32),
                ("state_root", ctypes.c_uint8 * 32),
                ("origin", ctypes.c_char * 256), ("say", ctypes.c_char * 512),
                ("entry", ctypes.c_void_p), ("entry_n", ctypes.c_size_t),
                ("answer", ctypes.c_void_p), ("answer_n", ctypes.c_size_t),
                ("key", ctypes.c_uint8 * 32), ("reserved", ctypes.c_uint64 * 4)]


_size = ctypes.c_size_t
_bytes = ctypes.c_char_p
for _name, _result, _arguments in (
        ("comity_version", ctypes.c_char_p, []),
        ("comity_error_name", ctypes.c_char_p, [ctypes.c_int32]),
        ("comity_error_text", ctypes.c_char_p, [ctypes.c_int32]),
        ("comity_error_remedy", ctypes.c_char_p, [ctypes.c_int32]),
        ("comity_trust_ledger", ctypes.c_int32, [ctypes.c_void_p, _bytes, _size]),
        ("comity_trust_policy", ctypes.c_int32, [ctypes.c_void_p, _bytes, _size, _bytes, _size]),
        ("comity_trust_witness", ctypes.c_int32, [ctypes.c_void_p, _bytes, _size]),
        ("comity_trust_need", ctypes.c_int32, [ctypes.c_void_p, ctypes.c_uint32]),
        ("comity_scratch_bytes", _size, [_bytes, _size, _size]),
        ("comity_verify", ctypes.c_int32, [_bytes, _size, _bytes, _size, ctypes.c_void_p,
                                           ctypes.c_void_p, _size, ctypes.POINTER(_Report)]),
        ("comity_report_json", _size, [ctypes.POINTER(_Report), ctypes.c_void_p, _size])):
    _function = getattr(_lib, _name)
    _function.restype = _result
    _function.argtypes = _arguments


class ComityError(Exception):
    """A call that could not be done: not a file that does not hold."""

    def __init__(self, number):
        self.number = number
        self.name = _lib.comity_error_name(number).decode()
        super().__init__(f"{_lib.comity_error_text(number).decode()} ({self.name}); "
                         f"{_lib.comity_error_remedy(number).decode()}")


def _must(number):
    if number != 0:
        raise ComityError(number)


class Trust:
    """What files are held to: verifier keys, or a policy."""

    def __init__(self, ledger_vkey):
        self._room = ctypes.create_string_buffer(TRUST_BYTES)
        vkey = ledger_vkey.encode()
        _must(_lib.comity_trust_ledger(self._room, vkey, len(vkey)))

    @classmethod
    def policy(cls, origin, text):
        """The heads of that ledger must meet a policy (C2SP form): a federation has no key."""
        trust = cls.__new__(cls)
        trust._room = ctypes.create_string_buffer(TRUST_BYTES)
        origin, text = origin.encode(), text.encode()
        _must(_lib.comity_trust_policy(trust._room, origin, len(origin), text, len(text)))
        return trust

    def witness(self, vkey):
        """Adds a witness, who must have cosigned unless need() says otherwise."""
        vkey = vkey.encode()
        _must(_lib.comity_trust_witness(self._room, vkey, len(vkey)))

    def need(self, count):
        """So many of the witnesses must have cosigned."""
        _must(_lib.comity_trust_need(self._room, count))


def version():
    return _lib.comity_version().decode()


def _aligned(size):
    """Memory that begins at a multiple of 16."""
    room = ctypes.create_string_buffer(size + 16)
    return room, (ctypes.addressof(room) + 15) & ~15


def verify(file, trust, entry=b""):
    """Checks a file (bytes) and returns the report as a dict; "answer" is what a bundle proves."""
    report = _Report()
    size = _lib.comity_scratch_bytes(file, len(file), len(entry))
    room, at = _aligned(size)
    _lib.comity_verify(file, len(file), entry, len(entry), trust._room if trust else None, at, size,
                       ctypes.byref(report))
    text = ctypes.create_string_buffer(16384)
    _lib.comity_report_json(ctypes.byref(report), text, len(text))
    result = json.loads(text.value)
    result["answer"] = None
    if report.answer:
        result["answer"] = ctypes.string_at(report.answer, report.answer_n).decode()
    del room
    return result
