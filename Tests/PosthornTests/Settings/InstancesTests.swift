import Logging
import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct InstancesTests {
    @Test func everythingThatPluginsRefuseIsCollectedWithItsPlace() throws {
        let settings = try load(
            """
            client: planung-3
            outgoing:
              good: { plugin: smtp, host: a.example }
              bad: { plugin: smtp, host: refused.example }
              outlook:
            incoming:
              pop3: { host: a.example, password: { env: SMTP_PASSWORD } }
            """
        )
        let error = #expect(throws: SettingsError.self) { try settings.instantiate(logger: Logger(label: "test")) }
        #expect(
            error?.issues.map(\.description) == [
                "planung-3.yaml:4:3: outgoing.bad: the host is refused",
                "planung-3.yaml:5:3: outgoing.outlook: there is no Outlook here",
                "planung-3.yaml:7:3: incoming.pop3: nothing is fetched here",
            ]
        )
        let good = try #require(settings.outgoing.first)
        let transport = try good.makeTransport(client: settings.client, logger: Logger(label: "test"))
        #expect((transport as? FakeTransport)?.account == "good")
        var only = settings
        only.outgoing = [good]
        only.incoming = []
        #expect(try only.instantiate(logger: Logger(label: "test")).outgoing.keys.sorted() == ["good"])
    }
}
