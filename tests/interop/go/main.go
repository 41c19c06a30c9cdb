// Checks the samples of emit with golang.org/x/mod/sumdb/note and /tlog.
// Usage: interop_go SAMPLES VECTORS
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tally counts, per kind, what was accepted and refused as it should be.
type tally struct {
	accepted, refused, wrong int
}

var tallies = map[string]*tally{}
var order []string

func judge(kind string, line int, good bool, err error) {
	t := tallies[kind]
	if t == nil {
		t = &tally{}
		tallies[kind] = t
		order = append(order, kind)
	}
	switch {
	case good && err == nil:
		t.accepted++
	case !good && err != nil:
		t.refused++
	default:
		t.wrong++
		if t.wrong <= 5 {
			fmt.Printf("%s line %d: good is %v, the tool says: %v\n", kind, line, good, err)
		}
	}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cosigner verifies cosignature/v1: the blob is a big-endian time and an Ed25519 signature.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

// newCosigner reads a vkey of type 04, which the stock NewVerifier does not know.
func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed vkey " + vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a cosigner key " + vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("wrong key id in " + vkey)
	}
	return &cosigner{parts[0], hash, key[1:]}, nil
}

type sample struct {
	Good     bool     `json:"good"`
	Vkey     string   `json:"vkey"`
	Text     string   `json:"text"`
	Note     string   `json:"note"`
	Time     uint64   `json:"time"`
	Size     int64    `json:"size"`
	Index    int64    `json:"index"`
	Entry    string   `json:"entry"`
	Root     string   `json:"root"`
	From     int64    `json:"from"`
	To       int64    `json:"to"`
	FromRoot string   `json:"from_root"`
	Proof    []string `json:"proof"`
	Signers  int      `json:"signers"`
	Met      int      `json:"met"`
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	fatal(err)
	return b
}

func hash(s string) (h tlog.Hash) {
	b := unhex(s)
	if len(b) != len(h) {
		fatal(fmt.Errorf("a hash of %d bytes", len(b)))
	}
	copy(h[:], b)
	return
}

func hashes(list []string) (out []tlog.Hash) {
	for _, s := range list {
		out = append(out, hash(s))
	}
	return
}

// each runs check on every line of a sample file; a file that is absent is said, not hidden.
func each(dir, name string, check func(line int, s sample)) {
	file, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		fmt.Printf("%s: no samples\n", name)
		return
	}
	fatal(err)
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<24)
	for line := 1; in.Scan(); line++ {
		var s sample
		fatal(json.Unmarshal(in.Bytes(), &s))
		check(line, s)
	}
	fatal(in.Err())
}

func openNote(s sample) error {
	verifier, err := note.NewVerifier(s.Vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open(unhex(s.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	if opened.Text != string(unhex(s.Text)) {
		return errors.New("the text differs")
	}
	return nil
}

func openCosigned(s sample) error {
	verifier, err := newCosigner(s.Vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open(unhex(s.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	blob, err := base64.StdEncoding.DecodeString(opened.Sigs[0].Base64)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint64(blob[4:]) != s.Time {
		return errors.New("the time differs")
	}
	return nil
}

// tiles reads tiles in the layout of C2SP tlog-tiles, whose paths lack the height of tlog's own.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {
}
func (t tiles) path(tile tlog.Tile) string {
	return filepath.Join(t.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
}
func (t tiles) ReadTiles(list []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range list {
		b, err := os.ReadFile(t.path(tile))
		if errors.Is(err, os.ErrNotExist) && tile.W < 256 { // the full tile serves a partial one
			full := tile
			full.W = 256
			if b, err = os.ReadFile(t.path(full)); err == nil {
				b = b[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		data = append(data, b)
	}
	return data, nil
}

// entries reads the records of a bundle.
func entries(dir string, bundle, width int64) (records [][]byte, err error) {
	tile := tlog.Tile{H: 8, L: -1, N: bundle, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	b, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	for len(b) > 0 {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, errors.New("a cut bundle")
		}
		n := int(binary.BigEndian.Uint16(b))
		records = append(records, b[2:2+n])
		b = b[2+n:]
	}
	if len(records) != int(width) {
		return nil, fmt.Errorf("%d entries in a bundle of %d", len(records), width)
	}
	return records, nil
}

func checkpoint(path, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, errors.New("a checkpoint has three lines")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err == nil && len(root) != tlog.HashSize {
		err = errors.New("a root has 32 bytes")
	}
	copy(tree.Hash[:], root)
	return
}

// wholeLog reads every record and every tile of a log, and proves each record and many prefixes.
func wholeLog(kind, dir string, tree tlog.Tree) {
	reader := tlog.TileHashReader(tree, tiles{dir})
	step := tree.N/200 + 1
	for at := int64(0); at < tree.N; {
		width := tree.N - at
		if width > 256 {
			width = 256
		}
		records, err := entries(dir, at/256, width)
		judge(kind, int(at), true, err)
		if err != nil {
			return
		}
		var indexes []int64
		for n := at; n < at+width; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, n))
		}
		stored, err := reader.ReadHashes(indexes)
		judge(kind, int(at), true, err)
		if err != nil {
			return
		}
		for i, record := range records {
			n := at + int64(i)
			leaf := tlog.RecordHash(record)
			if stored[i] != leaf {
				err = fmt.Errorf("tile and bundle differ at %d", n)
			} else if n%step == 0 || n == tree.N-1 {
				var proof tlog.RecordProof
				if proof, err = tlog.ProveRecord(tree.N, n, reader); err == nil {
					err = tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf)
				}
			}
			judge(kind, int(n), true, err)
		}
		at += width
	}
	for n := int64(1); n <= tree.N; n += step {
		old, err := tlog.TreeHash(n, reader)
		if err == nil {
			var proof tlog.TreeProof
			if proof, err = tlog.ProveTree(tree.N, n, reader); err == nil {
				err = tlog.CheckTree(proof, tree.N, tree.Hash, n, old)
				old[0] ^= 1
				judge(kind, int(n), false, tlog.CheckTree(proof, tree.N, tree.Hash, n, old))
			}
		}
		judge(kind, int(n), true, err)
	}
}

// published tries the checker itself on a log that somebody else wrote.
func published(vectors string) {
	const vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
	dir := filepath.Join(vectors, "tlog", "log")
	if _, err := os.Stat(dir); err != nil {
		fmt.Println("published log: not here")
		return
	}
	tree, err := checkpoint(filepath.Join(dir, "checkpoint"), vkey)
	judge("published log", 0, true, err)
	wholeLog("published log", dir, tree)
	reader := tlog.TileHashReader(tree, tiles{dir})
	for n := int64(0); n <= tree.N; n++ {
		name := filepath.Join(dir, fmt.Sprintf("checkpoint.%d", n))
		old, err := checkpoint(name, vkey)
		if err == nil && n > 0 {
			var root tlog.Hash
			if root, err = tlog.TreeHash(n, reader); err == nil && root != old.Hash {
				err = errors.New("another root")
			}
		}
		judge("published log", int(n), true, err)
		raw, err := os.ReadFile(name)
		fatal(err)
		raw[len(raw)-10] ^= 1
		verifier, err := note.NewVerifier(vkey)
		fatal(err)
		_, err = note.Open(raw, note.VerifierList(verifier))
		judge("published log", int(n), false, err)
	}
}

// verifiers reads the witness lines of a policy.
func verifiers(path string) (list []note.Verifier) {
	raw, err := os.ReadFile(path)
	fatal(err)
	for _, line := range strings.Split(string(raw), "\n") {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "witness" {
			continue
		}
		verifier, err := newCosigner(words[2])
		fatal(err)
		list = append(list, verifier)
	}
	return list
}

// openFederation opens a head that carries nothing but cosignatures, with all of them, and counts.
// The quorum of the samples is three of the four cells and all three chambers.
func openFederation(s sample, all []note.Verifier) error {
	opened, err := note.Open(unhex(s.Note), note.VerifierList(all...))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != s.Signers {
		return fmt.Errorf("%d signed, not %d", len(opened.Sigs), s.Signers)
	}
	cells, chambers := 0, 0
	for _, sig := range opened.Sigs {
		if strings.HasSuffix(sig.Name, "/cell") {
			cells++
		} else {
			chambers++
		}
	}
	if met := cells >= 3 && chambers == 3; met != (s.Met == 1) {
		return fmt.Errorf("the policy is met: %v", met)
	}
	return nil
}

// statement is one signed note of evidence, opened.
type statement struct {
	lines []string // of a vote, or of a checkpoint
	size  int64
	root  tlog.Hash
}

// openStatement opens a note with the key, under the name that its line bears.
func openStatement(kind string, key, raw []byte) (st statement, err error) {
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	words := strings.Split(lines[len(lines)-1], " ")
	if len(words) != 3 {
		return st, errors.New("no signature line")
	}
	var verifier note.Verifier
	if kind == "cosignature" {
		typed := append([]byte{4}, key...)
		sum := sha256.Sum256(append([]byte(words[1]+"\n"), typed...))
		verifier = &cosigner{words[1], binary.BigEndian.Uint32(sum[:4]), key}
	} else {
		vkey, err := note.NewEd25519VerifierKey(words[1], key)
		if err != nil {
			return st, err
		}
		if verifier, err = note.NewVerifier(vkey); err != nil {
			return st, err
		}
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return st, err
	}
	st.lines = strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if kind == "vote" {
		if len(st.lines) != 7 || st.lines[0] != "comity-vote/v1" {
			return st, errors.New("not a vote")
		}
		return st, nil
	}
	if len(st.lines) != 3 {
		return st, errors.New("not a checkpoint")
	}
	if st.size, err = strconv.ParseInt(st.lines[1], 10, 64); err != nil {
		return st, err
	}
	root, err := base64.StdEncoding.DecodeString(st.lines[2])
	if err == nil && len(root) != tlog.HashSize {
		err = errors.New("a root has 32 bytes")
	}
	copy(st.root[:], root)
	return st, err
}

// contradict says that nobody honest signs both (SPEC/proofs.md, "Evidence").
func contradict(kind string, a, b statement, join []tlog.Hash) error {
	if kind == "vote" {
		for _, i := range []int{1, 2, 3, 4} {
			if a.lines[i] != b.lines[i] {
				return errors.New("of different places")
			}
		}
		if a.lines[5] == b.lines[5] {
			return errors.New("one value")
		}
		return nil
	}
	if a.size > b.size {
		a, b = b, a
	}
	if a.lines[0] != b.lines[0] {
		return errors.New("of different ledgers")
	}
	if a.size == b.size {
		if a.root == b.root || len(join) > 0 {
			return errors.New("one root")
		}
		return nil
	}
	if len(join) == 0 || a.size == 0 || join[0] == a.root {
		return errors.New("no path that leads elsewhere")
	}
	return tlog.CheckTree(tlog.TreeProof(join[1:]), b.size, b.root, a.size, join[0])
}

// evidence reads a file comity evidence@v1 and judges it.
func evidence(file []byte) error {
	parts := strings.SplitN(string(file), "\n\n", 4)
	if len(parts) != 4 {
		return errors.New("not two notes")
	}
	rest := strings.SplitN(parts[3], "\n\n", 2)
	head := strings.Split(parts[0], "\n")
	// parts: head, text 1, lines 1 (the empty line behind them divides), then text 2 and lines 2
	if len(head) < 3 || head[0] != "comity evidence@v1" || len(rest) != 2 || !strings.HasPrefix(head[2], "key ") {
		return errors.New("not evidence")
	}
	kind := head[1]
	if kind != "vote" && kind != "head" && kind != "cosignature" {
		return errors.New("no such kind")
	}
	strict := base64.StdEncoding.Strict()
	key, err := strict.DecodeString(head[2][4:])
	if err != nil || len(key) != ed25519.PublicKeySize {
		return errors.New("no key")
	}
	var join []tlog.Hash
	for i, line := range head[3:] {
		if i == 0 {
			if !strings.HasPrefix(line, "prefix ") {
				return errors.New("no prefix")
			}
			line = line[7:]
		}
		b, err := strict.DecodeString(line)
		if err != nil || len(b) != tlog.HashSize || kind == "vote" {
			return errors.New("no hash")
		}
		var h tlog.Hash
		copy(h[:], b)
		join = append(join, h)
	}
	a, err := openStatement(kind, key, []byte(parts[1]+"\n\n"+parts[2]+"\n"))
	if err != nil {
		return err
	}
	b, err := openStatement(kind, key, []byte(rest[0]+"\n\n"+rest[1]))
	if err != nil {
		return err
	}
	return contradict(kind, a, b, join)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: interop_go SAMPLES VECTORS")
		os.Exit(2)
	}
	dir := os.Args[1]
	published(os.Args[2])
	each(dir, "notes.jsonl", func(line int, s sample) { judge("notes", line, s.Good, openNote(s)) })
	each(dir, "cosignatures.jsonl", func(line int, s sample) {
		judge("cosignatures", line, s.Good, openCosigned(s))
	})
	all := verifiers(filepath.Join(dir, "union.policy"))
	each(dir, "federation.jsonl", func(line int, s sample) {
		judge("heads of a federation", line, s.Good, openFederation(s, all))
	})
	each(dir, "votes.jsonl", func(line int, s sample) { judge("votes", line, s.Good, openNote(s)) })
	each(dir, "evidence.jsonl", func(line int, s sample) {
		judge("evidence", line, s.Good, evidence(unhex(s.Note)))
	})
	for _, from := range []string{"", "log_"} {
		from := from
		each(dir, from+"inclusion.jsonl", func(line int, s sample) {
			judge(from+"inclusion", line, s.Good, tlog.CheckRecord(hashes(s.Proof), s.Size, hash(s.Root),
				s.Index, tlog.RecordHash(unhex(s.Entry))))
		})
		each(dir, from+"consistency.jsonl", func(line int, s sample) {
			judge(from+"consistency", line, s.Good,
				tlog.CheckTree(hashes(s.Proof), s.To, hash(s.Root), s.From, hash(s.FromRoot)))
		})
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "log.json")); err == nil {
		var s sample
		fatal(json.Unmarshal(bytes.TrimSpace(raw), &s))
		tree, err := checkpoint(filepath.Join(dir, "log", "checkpoint"), s.Vkey)
		if err == nil && tree.N != s.Size {
			err = errors.New("another size")
		}
		judge("log", 0, true, err)
		if err == nil {
			wholeLog("log", filepath.Join(dir, "log"), tree)
		}
	} else {
		fmt.Println("log: no samples")
	}
	wrong := 0
	for _, kind := range order {
		t := tallies[kind]
		fmt.Printf("%s: %d accepted, %d refused, %d wrong\n", kind, t.accepted, t.refused, t.wrong)
		wrong += t.wrong
		if t.accepted == 0 || t.refused == 0 {
			fmt.Printf("%s: needs samples of both kinds\n", kind)
			wrong++
		}
	}
	if wrong > 0 {
		os.Exit(1)
	}
}
