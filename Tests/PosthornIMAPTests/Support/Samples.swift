/// What servers say: the examples of the RFCs, as data, and what real servers send. Every sample is complete.
enum Samples {
    static let all: [String] = [
        "* OK IMAP4rev2 Service Ready\r\na001 OK LOGIN completed\r\n",
        "* OK [CAPABILITY STARTTLS AUTH=GSSAPI IMAP4rev2 LOGINDISABLED] ready\r\n",
        "* 18 EXISTS\r\n* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"
            + "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited\r\na142 OK [READ-WRITE] SELECT completed\r\n",
        "* CAPABILITY STARTTLS AUTH=GSSAPI IMAP4rev2 LOGINDISABLED\r\nabcd OK CAPABILITY completed\r\n",
        "* LIST (\\Noselect) \"/\" \"\"\r\n* LIST (\\Marked \\NoInferiors) \"/\" \"inbox\"\r\n",
        "* LIST (\\NonExistent) \"/\" \"Foo\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n* LIST () \"/\" \"a\" (\"OLDNAME\" (\"b\"))\r\n",
        "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 SIZE 12345 DELETED 3)\r\n",
        "* STATUS \"x\" (HIGHESTMODSEQ 7011231777 MAILBOXID (F2212ea87) APPENDLIMIT NIL)\r\n",
        "* SEARCH 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)\r\n* SEARCH\r\n* SORT 5 3 4 1 2\r\n",
        "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n* ESEARCH (TAG \"A1\") UID ALL 17,900,901 MODSEQ 5\r\n",
        "* ESEARCH (TAG \"tag1\" MAILBOX \"folder1\" UIDVALIDITY 1) UID ALL 4001,4003,4005,4007,4009\r\n",
        "* ESEARCH (TAG \"A01\") UID PARTIAL (-1:-100 NIL) RELEVANCY (4 99 42)\r\n",
        "* THREAD (166)(167)(168)(169)(172)(170)(171)(173)((174)(175)(176)(178)(181)(180))(2)(3 6 (4 23)(44 7 96))\r\n",
        "* 22 EXPUNGE\r\n* 4 RECENT\r\n* VANISHED (EARLIER) 41,43:116,118,120:211,214:540\r\n* VANISHED 405,407\r\n",
        "* 12 FETCH (FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 ENVELOPE (\"Wed, 17 Jul "
            + "1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and minutes\" ((\"Terry Gray\" NIL \"gray\" "
            + "\"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" "
            + "\"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) ((NIL NIL \"minutes\" "
            + "\"CNRI.Reston.VA.US\") (\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
            + "\"<B27397-0100000@cac.washington.edu>\") BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
            + "3028 92))\r\n",
        "* 12 FETCH (BODY[HEADER] {28}\r\nSubject: x\r\nTo: y@z.test\r\n\r\n UID 5)\r\n",
        "* 4 FETCH (BODY[]<0> {5}\r\nabcde BODY[1.2.MIME] \"m\" BINARY[1] ~{3}\r\n\u{0}\u{1}\r BINARY.SIZE[1] 7 RFC822 NIL)\r\n",
        "* 8 FETCH (UID 9 BODY[HEADER.FIELDS (DATE \"FROM\")] {6}\r\nDate: MODSEQ (624140003) EMAILID (M1) THREADID NIL "
            + "SAVEDATE \"01-Jan-2020 00:00:00 +0000\" PREVIEW \"hello\")\r\n",
        "* 1 FETCH (X-GM-THRID 1278455344230334865 X-GM-MSGID 12784553442303348659 X-GM-LABELS (\\Inbox \"M&APw-l\" foo))\r\n",
        "* 2 FETCH (BODYSTRUCTURE (((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 10 1 NIL NIL NIL NIL)(\"text\" "
            + "\"html\" NIL NIL NIL \"base64\" 20 2 NIL (\"inline\" NIL) (\"en\" \"de\") \"loc\") \"alternative\" (\"boundary\" "
            + "\"b\") NIL NIL NIL)(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 300 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) "
            + "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) 9 NIL (\"attachment\" (\"filename\" \"a.eml\")) NIL NIL) \"mixed\"))\r\n",
        "* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\" \"X-P\" (\"a\" \"b\"))(\"#public/\" NIL))\r\n",
        "* ID (\"name\" \"Cyrus\" \"version\" \"1.5\" \"os\" NIL)\r\n* ID NIL\r\n",
        "* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 10 512 MESSAGE 20 100)\r\n* QUOTA \"#user\" ()\r\n",
        "* ACL INBOX Fred rwipslxetad -Fred wetd $team w\r\n* MYRIGHTS INBOX rwipsldexta\r\n"
            + "* LISTRIGHTS ~/Mail/saved smith la r swicdkxte\r\n",
        "* METADATA \"INBOX\" (/private/comment \"My comment\" /shared/comment {3}\r\nabc /x NIL)\r\n"
            + "* METADATA \"\" /shared/comment /private/x\r\n",
        "a OK [APPENDUID 38505 3955] done\r\nb OK [COPYUID 38505 304,319:320 3956:3958] done\r\n",
        "c NO [BADCHARSET (\"UTF-8\" X)] no\r\nd NO [METADATA LONGENTRIES 2199] x\r\ne OK [MODIFIED 7,9] x\r\n"
            + "* OK [HIGHESTMODSEQ 715194045007] ok\r\n* NO [NONEXISTENT] ends in {5}\r\n* BYE {7}\r\nf BAD [x\r\n",
        "+ \r\n+ idling\r\n+\r\n+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UuZXhhbXBsZS5uZXQ+\r\n",
        "* ENABLED CONDSTORE QRESYNC\r\n* XFOO (a (b \"c\" {3}\r\n)(} d)) e\r\n* 5 XBAR\r\n* NOOP froopy )\r\n\r\n* 3 EXISTS\r\n",
        "* 25997 UIDFETCH (FLAGS (\\Flagged $Forwarded))\r\n",
        "* LIST (\\HasNoChildren) NIL {9}\r\nM\u{FC}ll \"x\r\n* LSUB () \".\" #news.comp\r\n",
    ]
}
