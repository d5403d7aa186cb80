import Posthorn
import TestSupport
import Testing

@Suite(.computing) struct ExtendsTests {
    @Test func theNearerFileWinsAndEveryValueKeepsItsOrigin() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "site.yaml",
            """
            sender: Muster <info@muster.example>
            use: { outgoing: [outlook, smtp] }
            outgoing:
              outlook:
              smtp:
                host: site.example
                port: 587
                certificate: certificates/a.pem
                password: { file: site.secret }
                tls: { minimum: 1.3, pins: [a, b] }
            """
        )
        let file = try directory.write(
            "planung-3.yaml",
            """
            client: planung-3
            extends: site.yaml
            use: { outgoing: smtp }
            outgoing:
              smtp:
                port: 465
                password: { env: SMTP_PASSWORD }
                tls: { pins: c }
            """
        )
        let settings = try load(.file(file))
        let smtp = try #require(settings.outgoing.first?.settings as? FakeSMTP.Settings)
        #expect(settings.defaultOutgoing == ["smtp"])
        #expect(smtp.host == "site.example")
        #expect(smtp.port == 465)
        #expect(smtp.certificate == "\(directory.path)/certificates/a.pem")
        #expect(smtp.tls.minimum == "1.3")
        #expect(smtp.tls.pins == ["c"])
        #expect(smtp.password.map { "\($0)" } == "env SMTP_PASSWORD")
        #expect(settings.files == [file, "\(directory.path)/site.yaml"])
        func source(_ path: String) -> String? { settings.entries.first { $0.path == path }?.source }
        #expect(source("outgoing.smtp.host") == "\(directory.path)/site.yaml:6:11")
        #expect(source("outgoing.smtp.port") == "\(file):6:11")
        #expect(source("outgoing.smtp.tls.minimum") == "\(directory.path)/site.yaml:10:21")
        #expect(source("outgoing.smtp.security") == "default")
    }

    @Test func anAccountOfAnotherPluginIsNotMixed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("site.yaml", "outgoing: { way: { plugin: smtp, host: a.example } }\n")
        let file = try directory.write(
            "a.yaml",
            "client: planung-3\nextends: site.yaml\noutgoing: { way: { plugin: outlook } }\n"
        )
        #expect(try load(.file(file)).outgoing.first?.plugin.identifier == "outlook")
    }

    @Test func mistakesOfSharedFilesFollowThoseOfTheOwnOne() throws {
        let directory = try TemporaryDirectory()
        try directory.write("site.yaml", "client: planung-3\noutgoing: { smtp: { security: ssl } }\n")
        let file = try directory.write(
            "a.yaml",
            "client: planung-3\nextends: site.yaml\noutgoing:\n  smtp:\n    host: a:1\nzzz: 1\n"
        )
        let messages = complaints { try load(.file(file)) }
        #expect(messages.count == 4)
        #expect(messages.first?.hasPrefix("\(file):5:11: outgoing.smtp.host") == true)
        #expect(messages.dropFirst().first?.hasPrefix("\(file):6:1: unknown key 'zzz'") == true)
        #expect(
            messages.dropFirst(2).first?.hasPrefix("\(directory.path)/site.yaml:1:1: client: a file that others")
                == true
        )
        #expect(messages.last?.hasPrefix("\(directory.path)/site.yaml:2:31: outgoing.smtp.security: 'ssl'") == true)
    }

    @Test func circlesAreFoundAndNamed() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a.yaml", "client: planung-3\nextends: b.yaml\n")
        try directory.write("b.yaml", "extends: ./a.yaml\n")
        #expect(
            complaints { try load(.file(file)) } == [
                "\(directory.path)/b.yaml:1:10: extends: the files extend each other in a circle "
                    + "(\(file) → \(directory.path)/b.yaml → ./a.yaml); remove one 'extends'"
            ]
        )
        let own = try directory.write("self.yaml", "client: planung-3\nextends: self.yaml\n")
        #expect(complaints { try load(.file(own)) }.first?.contains("circle") == true)
    }

    @Test func chainsHaveALimit() throws {
        let directory = try TemporaryDirectory()
        for index in 1...12 { try directory.write("f\(index).yaml", "extends: f\(index + 1).yaml\n") }
        let file = try directory.write("a.yaml", "client: planung-3\nextends: f1.yaml\n")
        #expect(complaints { try load(.file(file)) }.first?.contains("more than 8 files") == true)
        try directory.write("f8.yaml", "redirect-all: a@b.example\n")
        #expect(try load(.file(file)).redirectAll?.description == "a@b.example")
    }

    @Test func aMissingOrBrokenSharedFileIsTheOnlyComplaint() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a.yaml", "client: planung-3\nextends: site.yaml\noutgoing: { smtp: {} }\n")
        #expect(
            complaints { try load(.file(file)) } == [
                "\(file):2:10: extends: the file '\(directory.path)/site.yaml' does not exist"
            ]
        )
        try directory.write("site.yaml", "outgoing: { smtp: { host: a\n")
        let messages = complaints { try load(.file(file)) }
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("\(directory.path)/site.yaml:") == true)
    }

    @Test func namesThatPeopleChooseAreNoSecrets() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "site.yaml",
            """
            use: { outgoing: file }
            outgoing: { file: { plugin: smtp, host: a.example } }
            functions: { command: { outgoing: file } }
            """
        )
        let file = try directory.write(
            "a.yaml",
            """
            client: planung-3
            extends: site.yaml
            outgoing: { env: { plugin: outlook } }
            functions: { order: { outgoing: env } }
            """
        )
        let settings = try load(.file(file))
        #expect(Set(settings.outgoing.map(\.name)) == ["file", "env"])
        #expect(Set(settings.functions.keys) == ["command", "order"])
    }
}
