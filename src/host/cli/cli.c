#include "host/cli/cli.h"

#include "host/cli/cli_act.h"
#include "host/cli/cli_admin.h"
#include "host/cli/cli_audit.h"
#include "host/cli/cli_backup.h"
#include "host/cli/cli_blob.h"
#include "host/cli/cli_bridge.h"
#include "host/cli/cli_complete.h"
#include "host/cli/cli_console.h"
#include "host/cli/cli_doctor.h"
#include "host/cli/cli_draft.h"
#include "host/cli/cli_elsewhere.h"
#include "host/cli/cli_evidence.h"
#include "host/cli/cli_exit.h"
#include "host/cli/cli_federation.h"
#include "host/cli/cli_founding.h"
#include "host/cli/cli_history.h"
#include "host/cli/cli_homecoming.h"
#include "host/cli/cli_inbox.h"
#include "host/cli/cli_init.h"
#include "host/cli/cli_list_metrics.h"
#include "host/cli/cli_list_relay.h"
#include "host/cli/cli_merge.h"
#include "host/cli/cli_model.h"
#include "host/cli/cli_passport.h"
#include "host/cli/cli_peer.h"
#include "host/cli/cli_peer_test.h"
#include "host/cli/cli_query.h"
#include "host/cli/cli_recognise.h"
#include "host/cli/cli_relay.h"
#include "host/cli/cli_relief.h"
#include "host/cli/cli_restore.h"
#include "host/cli/cli_roll.h"
#include "host/cli/cli_sanction.h"
#include "host/cli/cli_sandbox.h"
#include "host/cli/cli_seat.h"
#include "host/cli/cli_settings.h"
#include "host/cli/cli_sim.h"
#include "host/cli/cli_sql.h"
#include "host/cli/cli_successor.h"
#include "host/cli/cli_trail.h"
#include "host/cli/cli_treaty.h"
#include "host/cli/cli_trustee.h"
#include "host/cli/cli_upgrade.h"
#include "host/cli/cli_verdict.h"
#include "host/cli/story_aggression.h"

static int run_act(struct cy_cli *run)
{
    const char *file = cy_cli_arg(&run->args, "file");

    if (file != NULL)
        return cy_cli_act_file(run, file);
    return cy_cli_wrong(run, "comity act needs the name of an act, or --file FILE");
}

static int run_asset_create(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_asset_create);
}

static int run_asset_issue(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_asset_issue);
}

static int run_asset_retire(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_asset_retire);
}

static int run_account_open(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_account_open);
}

static int run_transfer(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_transfer);
}

static int run_retire(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_passport_retire);
}

static int run_attest(struct cy_cli *run)
{
    return cy_cli_act(run, &cy_schema_passport_attest);
}

static int run_bash(struct cy_cli *run)
{
    (void)!cy_cli_completion(run->out, cy_cli_commands(), "bash");
    return CY_EXIT_OK;
}

static int run_zsh(struct cy_cli *run)
{
    (void)!cy_cli_completion(run->out, cy_cli_commands(), "zsh");
    return CY_EXIT_OK;
}

static int run_fish(struct cy_cli *run)
{
    (void)!cy_cli_completion(run->out, cy_cli_commands(), "fish");
    return CY_EXIT_OK;
}

static int run_help(struct cy_cli *run)
{
    (void)run;
    return CY_EXIT_OK; /* answered before anything is opened */
}

#define SEND cy_cli_send_options

/* Rows of one noun stand together. clang-format off: one row, one line. */
/* clang-format off */
static const struct cy_cli_command commands_[] = {
    {"init",       NULL,     "",       "make a realm: directory, keys, configuration, genesis",     {cy_cli_init_options, NULL},          NULL, cy_cli_init, true},
    {"federation", "seat",   "",       "make a member's node: directory, keys, and a card for the other founders", {cy_cli_seat_options, NULL}, NULL, cy_cli_seat, true},
    {"federation", "card",   "FILE",   "read a member's card, and print a digest to compare by telephone", {NULL, NULL},                  NULL, cy_cli_seat_card, true},
    {"federation", "draft",  "",       "write the genesis that all founders are to sign",            {cy_cli_founding_options, NULL},      NULL, cy_cli_founding_draft, true},
    {"federation", "sign",   "FILE",   "add this member's signature to a draft",                     {cy_cli_draft_options, NULL},         NULL, cy_cli_draft_sign, false},
    {"federation", "seal",   "FILE...", "put the signatures of several copies together",             {cy_cli_draft_options, NULL},         NULL, cy_cli_draft_seal, true},
    {"federation", "join",   "",       "settings of a member's node, from the sealed genesis",       {cy_cli_join_options, NULL},          NULL, cy_cli_founding_join, true},
    {"federation", "status", "",       "how the federation stands, as this member sees it",          {NULL, NULL},                         NULL, cy_cli_federation_status, false},
    {"federation", "seats",  "",       "the seats, and who is behind",                               {NULL, NULL},                         NULL, cy_cli_federation_seats, false},
    {"federation", "evidence", "",     "why seats were excluded",                                    {NULL, NULL},                         NULL, cy_cli_federation_evidence, false},
    {"federation", "act",    "FILE",   "draft an act in the realm's name, which several seats sign", {cy_cli_federation_act_options, NULL}, NULL, cy_cli_federation_act, false},
    {"federation", "admit",  "CARD",   "draft the admission of a newcomer, on probation",             {cy_cli_roll_options, NULL},          NULL, cy_cli_roll_admit, false},
    {"federation", "confirm", "NAME",  "draft the end of a seat's probation, with the policy that names it", {cy_cli_roll_options, NULL},   NULL, cy_cli_roll_confirm, false},
    {"federation", "policy", "",       "draft the policy of the present seats and trustees (policy_set)", {cy_cli_roll_options, NULL},      NULL, cy_cli_roll_policy, false},
    {"federation", "meet",   "CARD...", "put another member's place into this node's settings",       {NULL, NULL},                         NULL, cy_cli_roll_meet, false},
    {"federation", "send",   "FILE",   "send a sealed act",                                          {SEND, NULL},                         NULL, cy_cli_federation_send, false},
    {"federation", "trustee", "init|run|status", "cosign the heads of a federation for a chamber, without a seat", {cy_cli_trustee_options, NULL}, NULL, cy_cli_trustee, true},
    {"peer",       "add",    "",       "make another cell a witness, or a ledger that we cosign",   {cy_cli_peer_options, NULL},          NULL, cy_cli_peer_add, false},
    {"peer",       "list",   "",       "list the cells that witness or are witnessed",              {NULL, NULL},                         NULL, cy_cli_peer_list, false},
    {"peer",       "test",   "NAME|URL", "would this cell and that one get on? step by step, with times", {cy_cli_peer_test_options, NULL},   NULL, cy_cli_peer_test, false},
    {"peer",       "remove", "ORIGIN", "forget a cell",                                             {NULL, NULL},                         NULL, cy_cli_peer_remove, false},
    {"admin",      "status", "",       "what an operator looks at: health, peers, keys, storage",   {NULL, NULL},                         NULL, cy_cli_admin_status, false},
    {"admin",      "grant",  "NAME",   "give a passport a role on this realm's daemon, by acts",    {cy_cli_admin_role_options, NULL},    NULL, cy_cli_admin_grant, false},
    {"admin",      "revoke", "NAME",   "end a role before its term",                                                {cy_cli_admin_role_options, NULL},    NULL, cy_cli_admin_revoke, false},
#define CY_ACTION(NAME, name, method, pattern, role, changes, body, queries, answers, refusals, doc) \
    {"admin", name, "", doc, {cy_cli_admin_options, NULL}, NULL, cy_cli_admin, false},
#include "host/admin/admin_action.def"
#undef CY_ACTION
    {"config",     "explain", "",      "print every setting of the daemon and where it came from",  {cy_cli_config_options, NULL},        NULL, cy_cli_config_explain, false},
    {"param",      "list",   "",       "list the parameters of the realm",                          {NULL, NULL},                         NULL, cy_cli_param_list, false},
    {"tls",        "new",    "",       "make a TLS key and certificate",                            {cy_cli_tls_options, NULL},           NULL, cy_cli_tls_new, false},
    {"tls",        "pin",    "",       "print the pin of a certificate",                            {cy_cli_tls_options, NULL},           NULL, cy_cli_tls_pin, false},
    {"key",        "list",   "",       "list the keys of the signer",                               {NULL, NULL},                         NULL, cy_cli_key_list, false},
    {"key",        "make",   "",       "make a key in the signer",                                  {cy_cli_key_options, NULL},           NULL, cy_cli_key_make, false},
    {"passport",   "create", "",       "create a passport with a key of its own",                   {cy_cli_passport_options, SEND},      &cy_schema_passport_create, cy_cli_passport_create, false},
    {"passport",   "show",   "[NAME]", "show a passport, its codes and keys",                       {NULL, NULL},                         NULL, cy_cli_passport_show, false},
    {"passport",   "list",   "",       "list the passports of the realm",                           {NULL, NULL},                         NULL, cy_cli_passport_list, false},
    {"passport",   "duties", "[PASSPORT]", "what binds a party in several realms, and what of it contradicts", {cy_cli_duties_options, NULL},     NULL, cy_cli_passport_duties, false},
    {"passport",   "rotate", "[NAME]", "replace the key of a passport by its standby key",          {SEND, NULL},                         NULL, cy_cli_passport_rotate, false},
    {"passport",   "retire", "",       "retire the passport of --as for good",                      {SEND, NULL},                         &cy_schema_passport_retire, run_retire, false},
    {"passport",   "attest", "",       "attest a code of a passport (the operator)",                {SEND, NULL},                         &cy_schema_passport_attest, run_attest, false},
    {"asset",      "create", "",       "create an asset",                                           {SEND, NULL},                         &cy_schema_asset_create, run_asset_create, false},
    {"asset",      "issue",  "",       "issue units of an own asset",                               {SEND, NULL},                         &cy_schema_asset_issue, run_asset_issue, false},
    {"asset",      "retire", "",       "retire units",                                              {SEND, NULL},                         &cy_schema_asset_retire, run_asset_retire, false},
    {"asset", "list", "", "list the assets of the realm", {NULL, NULL}, NULL, cy_cli_asset_list, false},
    {"account",    "open",   "",       "open an account in an asset",                               {SEND, NULL},                         &cy_schema_account_open, run_account_open, false},
    {"account", "list", "", "list accounts and what they hold", {cy_cli_list_options, NULL}, NULL, cy_cli_account_list, false},
    {"transfer",   NULL,     "",       "transfer units between accounts",                           {SEND, NULL},                         &cy_schema_transfer, run_transfer, false},
    {"alliance", "list", "", "list the alliances", {cy_cli_list_options, NULL}, NULL, cy_cli_alliance_list, false},
    {"alliance", "show", "NAME", "an alliance, its counts and its charter in force", {NULL, NULL}, NULL, cy_cli_alliance_show, false},
    {"alliance", "members", "NAME", "who belongs to it, on any day, as known at any time", {cy_cli_members_options, NULL}, NULL, cy_cli_alliance_members, false},
    {"alliance", "history", "NAME", "every event of its memberships", {NULL, NULL}, NULL, cy_cli_alliance_history, false},
    {"alliance", "charter", "NAME", "what changed between two versions of its charter", {cy_cli_charter_options, NULL}, NULL, cy_cli_alliance_charter, false},
    {"alliance", "motions", "NAME", "its motions", {NULL, NULL}, NULL, cy_cli_alliance_motions, false},
    {"alliance", "figures", "NAME", "figures to compare it by: members, turnout, speed", {cy_cli_figures_options, NULL}, NULL, cy_cli_alliance_figures, false},
    {"alliance", "officers", "NAME", "what its officers did, with places in the ledger", {cy_cli_officers_options, NULL}, NULL, cy_cli_alliance_officers, false},
    {"alliance", "clauses", "", "the clauses that a charter may set", {cy_cli_clauses_options, NULL}, NULL, cy_cli_alliance_clauses, false},
    {"bridge", "open",   "REALM", "open a bridge to a foreign realm (the operator)", {cy_cli_bridge_open_options, SEND}, NULL, cy_cli_bridge_open, false},
    {"bridge", "status", "", "the bridges, their states, and what was heard", {NULL, NULL}, NULL, cy_cli_bridge_status, false},
    {"bridge", "gate",   "REALM KIND open|close", "open or close a bridge for one kind of packet", {cy_cli_bridge_gate_options, SEND}, NULL, cy_cli_bridge_gate, false},
    {"bridge", "freeze", "REALM", "stop a bridge; proofs keep flowing", {cy_cli_bridge_turn_options, SEND}, NULL, cy_cli_bridge_freeze, false},
    {"bridge", "thaw",   "REALM", "let a frozen bridge go on", {cy_cli_bridge_turn_options, SEND}, NULL, cy_cli_bridge_thaw, false},
    {"bridge", "sever",  "REALM", "cut a bridge; proofs keep flowing, open it again to go on", {cy_cli_bridge_turn_options, SEND}, NULL, cy_cli_bridge_sever, false},
    {"bridge", "send",   "REALM", "send units, or share a blob, over a bridge", {cy_cli_bridge_send_options, SEND}, NULL, cy_cli_bridge_send, false},
    {"bridge", "route",  "FROM TO [ASSET]", "the way from one realm to another over bridges that are open", {cy_cli_route_options, NULL}, NULL, cy_cli_bridge_route, false},
    {"bridge", "unwind", "REALM SEQUENCE done|refused", "say as a guardian how a packet ends whose bridge failed", {SEND, NULL}, NULL, cy_cli_bridge_unwind, false},
    {"bridge", "follow", "", "follow another realm to its new log key or policy, by proof of its own record", {cy_cli_follow_options, NULL}, NULL, cy_cli_bridge_follow, false},
    {"bridge", "recall", "", "bring units home over a bridge that their home has severed", {cy_cli_recall_options, NULL}, NULL, cy_cli_bridge_recall, false},
    {"bridge", "home",   "", "pay out here what was ended in another realm for it", {cy_cli_follow_options, NULL}, NULL, cy_cli_bridge_home, false},
    {"bridge", "relay",  "", "carry heads, packets and proofs between this realm and another", {cy_cli_relay_options, NULL}, NULL, cy_cli_relay, false},
    {"exit", "begin",   "REALM", "say that one leaves for that realm, for good", {SEND, NULL}, NULL, cy_cli_exit_begin, false},
    {"exit", "bundle",  "[PASSPORT]", "the sealed bundle of a passport, out of any copy of the ledger", {cy_cli_exit_bundle_options, NULL}, NULL, cy_cli_exit_bundle, false},
    {"exit", "admit",   "FILE", "arrive from another realm with a bundle and the keys, or claim", {cy_cli_exit_admit_options, SEND}, NULL, cy_cli_exit_admit, false},
    {"exit", "contest", "REALM PASSPORT", "refute a claim by newer records of the old realm", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_exit_contest, false},
    {"exit", "settle",  "REALM PASSPORT", "make a claim that nobody refuted in time an admission", {SEND, NULL}, NULL, cy_cli_exit_settle, false},
    {"exit", "done",    "REALM PASSPORT", "prove in the old realm that the new one has admitted it", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_exit_done, false},
    {"exit", "status",  "[PASSPORT]", "departures, claims, admissions and duties of a passport", {NULL, NULL}, NULL, cy_cli_exit_status, false},
    {"recognise", "tier",   "REALM KIND TIER", "say at which tier passports of a kind are recognised (the operator)", {SEND, NULL}, NULL, cy_cli_recognise_tier, false},
    {"recognise", "add",    "REALM PASSPORT", "recognise a passport of another realm, by proof", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_recognise_add, false},
    {"recognise", "follow", "REALM", "follow what became of recognised passports: new keys, retirement, moves", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_recognise_follow, false},
    {"recognise", "list",   "", "the foreign passports that are recognised, and at which tier", {NULL, NULL}, NULL, cy_cli_recognise_list, false},
    {"merge", "close",  "REALM", "end this realm: it goes on in that one (the operator)", {cy_cli_merge_close_options, SEND}, NULL, cy_cli_merge_close, false},
    {"merge", "open",   "REALM", "take over a realm that has ended in favour of this one (the operator)", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_merge_open, false},
    {"merge", "bring",  "REALM", "bring everything of a realm that has ended over, by proof", {cy_cli_exit_copy_options, SEND}, NULL, cy_cli_merge_bring, false},
    {"sanction", "list",    "",      "the lists of sanctions; its other verbs are acts: comity help sanction", {NULL, NULL}, NULL, cy_cli_sanction_list, false},
    {"sanction", "show",    "LIST",  "what stands on a list", {NULL, NULL}, NULL, cy_cli_sanction_show, false},
    {"sanction", "diff",    "LIST",  "what changed on a list", {cy_cli_sanction_diff_options, NULL}, NULL, cy_cli_sanction_diff, false},
    {"sanction", "check",   "PARTY", "whether anything in force stops dealings with a party", {cy_cli_sanction_check_options, NULL}, NULL, cy_cli_sanction_check, false},
    {"sanction", "explain", "PARTY", "what is in force against a party, why, until when, and how to appeal", {cy_cli_sanction_check_options, NULL}, NULL, cy_cli_sanction_explain, false},
    {"sanction", "apply",   "REPORT", "draft what screening or exposure found as acts, one word for each party; signs nothing", {cy_cli_verdict_options, NULL}, NULL, cy_cli_sanction_apply, false},
    {"sanction", "relay",   "", "bring changes of another realm's lists over a bridge, by proof, as they come", {cy_cli_list_relay_options, NULL}, NULL, cy_cli_list_relay, false},
    {"sanction", "metrics", "[LIST]", "how long lists took from the decision to being in force here", {NULL, NULL}, NULL, cy_cli_list_metrics, false},
    {"quota", "list", "", "list the quotas; its other verbs are acts: comity help quota", {NULL, NULL}, NULL, cy_cli_quota_list, false},
    {"share", "list", "", "list the agreements to share revenue; its other verbs are acts: comity help share", {NULL, NULL}, NULL, cy_cli_share_list, false},
    {"treaty", "list", "", "list the treaties; its other verbs are acts: comity help treaty", {NULL, NULL}, NULL, cy_cli_treaty_list, false},
    {"treaty", "show", "NAME", "a treaty: who is bound on a day, by what; and whether a text is its text", {cy_cli_treaty_show_options, NULL}, NULL, cy_cli_treaty_show, false},
    {"treaty", "lint", "FILE", "what is wrong with a treaty before anybody signs (JSON of treaty_offer)", {NULL, NULL}, NULL, cy_cli_treaty_lint, true},
    {"treaty", "template", "[NAME]", "a treaty to begin with, as JSON", {NULL, NULL}, NULL, cy_cli_treaty_template, true},
    {"objective", "list", "", "the objectives that were offered or voted; its other verbs are acts: comity help objective", {NULL, NULL}, NULL, cy_cli_objective_list, false},
    {"objective", "name", "OBJECTIVE", "name the data that findings are made for from now on (the office)", {cy_cli_objective_name_options, SEND}, NULL, cy_cli_objective_name, false},
    {"finding", "list", "", "the findings; its other verbs are acts: comity help finding", {NULL, NULL}, NULL, cy_cli_finding_list, false},
    {"finding", "show", "FINDING", "a finding: what it rests on, who answers for it, and may it be relied on", {NULL, NULL}, NULL, cy_cli_finding_show, false},
    {"finding", "digest", "FILE", "what voters and the office fix of a program: its frame and its bounds", {NULL, NULL}, NULL, cy_cli_finding_digest, true},
    {"finding", "submit", "OBJECTIVE", "record an answer with its certificate", {cy_cli_finding_submit_options, SEND}, NULL, cy_cli_finding_submit, false},
    {"crisis", "list", "", "the crises; its other verbs are acts: comity help crisis", {NULL, NULL}, NULL, cy_cli_crisis_list, false},
    {"crisis", "dispatch", "FINDING", "send every line of a certified plan that is not sent yet", {cy_cli_crisis_dispatch_options, SEND}, NULL, cy_cli_crisis_dispatch, false},
    {"stock", "list", "", "the stocks, and what of them is free; its other verbs are acts: comity help stock", {NULL, NULL}, NULL, cy_cli_stock_list, false},
    {"need", "list", "", "the needs, and what was sent; its other verbs are acts: comity help need", {NULL, NULL}, NULL, cy_cli_need_list, false},
    {"act",        NULL,     "[NAME]", "send any act of the schema, from fields or from JSON",      {cy_cli_act_options, SEND},           NULL, run_act, false},
    {"blob",       "hold",   "FILE",   "encrypt a file to its readers, declare it, and send it",    {cy_cli_blob_hold_options, SEND},     NULL, cy_cli_blob_hold, false},
    {"blob",       "send",   "FILE",   "send encrypted bytes that were declared before",            {NULL, NULL},                         NULL, cy_cli_blob_send, false},
    {"blob",       "open",   "DIGEST", "fetch a blob and decrypt it with the key in the signer",    {cy_cli_blob_open_options, NULL},     NULL, cy_cli_blob_open, false},
    {"blob",       "erase",  "DIGEST", "state that a blob is erased; the daemon destroys its keys", {SEND, NULL},                         NULL, cy_cli_blob_erase, false},
    {"blob",       "list",   "",       "list the blobs of the realm",                               {cy_cli_blob_list_options, NULL},     NULL, cy_cli_blob_list, false},
    {"import",     "passports", "",    "create passports of all countries (ISO 3166), with their codes", {cy_cli_import_options, NULL},     NULL, cy_cli_import_passports, false},
    {"import",     "csv",    "FILE",   "record histories of memberships from a table",                 {cy_cli_history_options, NULL},    NULL, cy_cli_import_csv, false},
    {"realm", NULL, "", "the realm, its head and its witnesses", {NULL, NULL}, NULL, cy_cli_realm_show, false},
    {"record", NULL, "[TABLE]", "records of any table of the world", {cy_cli_record_options, NULL}, NULL, cy_cli_record, false},
    {"feed", NULL, "", "entries of the ledger in order", {cy_cli_feed_options, NULL}, NULL, cy_cli_feed, false},
    {"proof", NULL, "INDEX", "the proof that an entry stands in the ledger, with the entry", {cy_cli_proof_options, NULL}, NULL, cy_cli_proof, false},
    {"verify",     NULL,     "FILE",   "prove an answer of the daemon offline",                     {cy_cli_verify_options, cy_cli_trust_options}, NULL, cy_cli_verify, false},
    {"evidence", "make", "[ONE ANOTHER]", "put two statements by which a key contradicts itself into one file", {cy_cli_evidence_options, NULL}, NULL, cy_cli_evidence_make, false},
    {"inbox", "post", "FILE", "post an act that a member's cell must answer in public", {cy_cli_inbox_post_options, SEND}, NULL, cy_cli_inbox_post, false},
    {"inbox", "list", "", "acts posted for members' cells, and what became of them", {cy_cli_inbox_list_options, NULL}, NULL, cy_cli_inbox_list, false},
    {"audit",      NULL,     "[DIR|URL]", "replay a whole ledger and hold it to its signed head",    {cy_cli_trust_options, NULL},         NULL, cy_cli_audit, false},
    {"backup", NULL, "", "write an encrypted copy of the cell while it runs", {cy_cli_backup_options, NULL}, NULL, cy_cli_backup, false},
    {"backup", "check", "FILE", "read a backup whole, and say of what it is", {cy_cli_backup_check_options, NULL}, NULL, cy_cli_backup_check, true},
    {"restore", NULL, "FILE", "make a cell again from its backup, and from whoever has the tail", {cy_cli_restore_options, NULL}, NULL, cy_cli_restore, true},
    {"sql", NULL, "[STATEMENT]", "ask the SQL projection, or open it in sqlite3 or psql", {cy_cli_sql_ask_options, NULL}, NULL, cy_cli_sql, false},
    {"sql", "schema", "[TABLE]", "what the tables, views and columns of the projection mean", {cy_cli_sql_schema_options, NULL}, NULL, cy_cli_sql_schema, true},
    {"sql", "rebuild", "[DIR|URL]", "make the projection anew from a ledger", {cy_cli_sql_options, NULL}, NULL, cy_cli_sql_rebuild, false},
    {"sql", "check", "[DIR|URL]", "compare every row of the projection with the ledger", {cy_cli_sql_options, NULL}, NULL, cy_cli_sql_check, false},
    {"succession", NULL, "DIR|URL", "check the statement of a ledger that succeeds another one", {cy_cli_succession_options, NULL}, NULL, cy_cli_succession, false},
    {"upgrade", NULL, "", "may this version take over the cell? then a backup, and what else it needs", {cy_cli_upgrade_options, NULL}, NULL, cy_cli_upgrade, false},
    {"doctor", NULL, "", "what an operator should look at, and what to do about it", {NULL, NULL}, NULL, cy_cli_doctor, false},
    {"sandbox", "up", "", "nations, communities and a company, each with a cell, and two federations, on this machine", {cy_cli_sandbox_up_options, NULL}, NULL, cy_cli_sandbox_up, true},
    {"sandbox", "status", "", "what of the sandbox runs, and how far each ledger is", {NULL, NULL}, NULL, cy_cli_sandbox_status, true},
    {"sandbox", "logs", "NAME", "the last lines of a place's programs", {cy_cli_sandbox_logs_options, NULL}, NULL, cy_cli_sandbox_logs, true},
    {"sandbox", "story", "", "the ocean federation, told by doing it", {NULL, NULL}, NULL, cy_cli_sandbox_story, true},
    {"sandbox", "down", "", "end every process of the sandbox", {cy_cli_sandbox_down_options, NULL}, NULL, cy_cli_sandbox_down, true},
    {"sim", NULL, "", "run whole federations on simulated machines, with traitors, from a seed", {cy_cli_sim_options, NULL}, NULL, cy_cli_sim, true},
    {"story", "aggression", "", "an attack and its answer: each state does what it voted, in a running sandbox", {cy_cli_aggression_options, NULL}, NULL, cy_cli_aggression, true},
#define CY_MODEL_BEGIN(id, noun, verb, words, doc) {noun, verb, words, doc, {cy_cli_model_options_##id, NULL}, NULL, cy_cli_model, true},
#define CY_MODEL_OPTION(name, value, doc)
#define CY_MODEL_EXAMPLE(line)
#define CY_MODEL_END
#include "models/commands.def"
    {"console", NULL, "", "the web console on this machine, acting through the local signer", {cy_cli_console_options, NULL}, NULL, cy_cli_console, false},
    {"completion", "bash",   "",       "print a completion script for bash",                        {NULL, NULL},                         NULL, run_bash, true},
    {"completion", "zsh",    "",       "print a completion script for zsh",                         {NULL, NULL},                         NULL, run_zsh, true},
    {"completion", "fish",   "",       "print a completion script for fish",                        {NULL, NULL},                         NULL, run_fish, true},
    {"help",       NULL,     "[NOUN]", "explain commands",                                          {NULL, NULL},                         NULL, run_help, true},
};
/* clang-format on */

static const struct cy_cli_table table_ = {commands_, CY_COUNT(commands_)};

static const struct cy_cli_command any_act = {
    "act", NULL, "", "", {SEND, NULL},
        NULL, NULL, false
};

const struct cy_cli_table *cy_cli_commands(void)
{
    return &table_;
}

/* Commands that change this machine and are administrative as a whole; others write their own lines
 * (cli_trail.h). */
static const char *logged(const struct cy_cli_command *command)
{
    static const struct {
        int (*run)(struct cy_cli *run);
        const char *action;
    } commands[] = {
        {cy_cli_tls_new,     "tls.new"    },
        {cy_cli_backup,      "backup"     },
        {cy_cli_upgrade,     "upgrade"    },
        {cy_cli_sql_rebuild, "sql.rebuild"},
    };

    for (size_t i = 0; i < CY_COUNT(commands); i++) {
        if (commands[i].run == command->run)
            return commands[i].action;
    }
    return NULL;
}

static int run_logged(struct cy_cli *run, const struct cy_cli_command *command)
{
    const char *action = logged(command);
    uint64_t seq = 0;
    cy_err err = CY_OK;
    int code = 0;

    if (action == NULL)
        return command->run(run);
    err = cy_cli_trail_begin(run, action, NULL, &seq);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    code = command->run(run);
    cy_cli_trail_end(run, action, NULL, seq,
                     code == CY_EXIT_OK || !cy_ok(run->failed) ? run->failed
                                                               : cy_fail(CY_E_USAGE, 0));
    return code;
}

static int run_command(struct cy_cli *run, const struct cy_cli_command *command)
{
    const cy_err err = cy_cli_begin(run, command->alone);
    int code = 0;

    if (!cy_ok(err))
        code = cy_cli_fail(run, err, NULL);
    else if (command->run == NULL)
        code = cy_cli_act(run, command->schema);
    else
        code = run_logged(run, command);
    cy_cli_end(run);
    return code;
}

/* --help and --version are seen before the line is judged. */
static bool asks(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], option) == 0)
            return true;
    }
    return false;
}

int cy_cli_main(int argc, char **argv, const char *version,
                const struct cy_institution *const *roster, size_t n_roster)
{
    struct cy_cli run = {
        .roster = roster, .n_roster = n_roster, .version = version, .out = stdout, .err = stderr};
    struct cy_text why = cy_text_on(run.why, sizeof run.why);
    const struct cy_cli_command *command = NULL;
    struct cy_cli_command made;
    struct cy_cli_args words;
    struct cy_cli_grammar grammar;

    cy_cli_args_words(argc, argv, cy_cli_common, &words);
    run.json = asks(argc, argv, "--json");
    if (words.n_words == 0 && asks(argc, argv, "--version")) {
        (void)fprintf(run.out, "comity %s\n", version);
        return CY_EXIT_OK;
    }
    if (words.n_words == 0 || strcmp(words.words[0], "help") == 0)
        return cy_cli_help(words.n_words > 0 || asks(argc, argv, "--help") ? run.out : run.err,
                           &table_, words.words + 1, words.n_words > 1 ? 1 : 0) |
               (words.n_words > 0 || asks(argc, argv, "--help") ? 0 : CY_EXIT_USAGE);
    command = cy_cli_find(&table_, words.words, words.n_words, &any_act, &made);
    if (asks(argc, argv, "--help") || asks(argc, argv, "-h")) {
        if (command == NULL || (command->verb == NULL && strcmp(command->noun, "act") == 0))
            return cy_cli_help(run.out, &table_, words.words, 1);
        cy_cli_help_command(run.out, command);
        return CY_EXIT_OK;
    }
    if (command == NULL) {
        if (words.n_words > 1)
            (void)fprintf(run.err, "comity: there is no command \"%s %s\"\n\n", words.words[0],
                          words.words[1]);
        (void)cy_cli_help(run.err, &table_, words.words, 1);
        return CY_EXIT_USAGE;
    }
    grammar = (struct cy_cli_grammar){
        {cy_cli_common, command->options[0], command->options[1]},
        command->schema
    };
    if (!cy_ok(cy_cli_args_read(argc, argv, &grammar, &run.args, &why)))
        return cy_cli_fail(&run, cy_fail(CY_E_USAGE, 0), run.why);
    return run_command(&run, command);
}
