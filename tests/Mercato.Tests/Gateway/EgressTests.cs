using System.Net;
using System.Net.Sockets;
using Mercato.Fake;
using Mercato.Providers;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>Private space is reached only where an operator said so, however its address is written.</summary>
public sealed class EgressTests(SqliteGateway app) : IClassFixture<SqliteGateway>
{
    /// <summary>Hosts as they may stand in an address; all of them lead, or could lead, to private space.</summary>
    public static TheoryData<string> PrivateHosts =>
    [
        "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
        "017700000001", "127.0.0.1.", "127.000.000.001", "127.127.127.127", "localhost", "LOCALHOST", "localhost.",
        "a.localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::8.8.8.8]", "[2002:7f00:1::]", "[fe80::1%25eth0]", "[fd00:ec2::254]",
        "[fec0::1]", "[::ffff:0:127.0.0.1]", "169.254.169.254", "[::ffff:a9fe:a9fe]", "0xA9FEA9FE", "2852039166",
        "100.100.100.200", "metadata.google.internal", "10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "198.18.0.1", "192.0.0.192", "224.0.0.1", "255.255.255.255", "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1",
    ];

    public static TheoryData<string> PrivateAddresses =>
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "100.127.255.255", "192.0.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::808:808", "2002:a00:1::", "fe80::1",
        "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "100::1", "::ffff:0:a00:1",
    ];

    public static TheoryData<string> PublicAddresses =>
    [
        "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.167.255.255",
        "169.253.255.255", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ];

    [Theory]
    [MemberData(nameof(PrivateAddresses))]
    public void PrivateAddress_IsNotPublic(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [MemberData(nameof(PublicAddresses))]
    public void PublicAddress_IsPublic(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [MemberData(nameof(PrivateHosts))]
    public async Task PrivateHost_NeverConnected(string host)
    {
        await using var sentinel = await FakeUpstream.StartAsync();
        using var egress = new Egress();
        var text = $"http://{host}:{sentinel.Address.Port}/v1/models";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            // What is no address at all cannot be saved either.
            ProviderAddress.TryRead(text, out _).ShouldBeFalse();
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var problem = await Should.ThrowAsync<HttpRequestException>(() =>
            egress.To(allowPrivate: false).SendAsync(request, TestContext.Current.CancellationToken));

        (problem.InnerException is EgressRefusedException or SocketException
        {
            SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery,
        }).ShouldBeTrue(problem.ToString());
        sentinel.Journal.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://user@example.org/v1")]
    [InlineData("http://example.org#@127.0.0.1/v1")]
    [InlineData("http://example.org/v1?x=y")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/v1")]
    [InlineData("ftp://example.org/v1")]
    [InlineData("data:text/plain,x")]
    [InlineData("unix:/run/docker.sock")]
    [InlineData("//example.org/v1")]
    [InlineData("example.org/v1")]
    [InlineData("http://exa mple.org/v1")]
    [InlineData("")]
    public async Task OddAddress_NotSaved(string address) =>
        await (await app.Admin.Client.PostAsync("/api/v1/admin/providers",
            new { id = "odd", name = "odd", base_url = address })).ReadAsync(400);

    [Fact]
    public async Task PrivateProviderWithoutLeave_RefusedAtConnect()
    {
        await using var sentinel = await FakeUpstream.StartAsync();
        await app.AddProviderAsync("inside", sentinel.Address, allowPrivate: false);

        var reply = await app.Customer.ChatAsync("inside/fake-ok");

        reply.Failed(502, "provider_unreachable").Text("message").ShouldContain("allow_private");
        sentinel.Journal.Calls.ShouldBeEmpty();
        await app.NoCallIsOpenAsync();
    }

    [Fact]
    public async Task RedirectToPrivateSpace_NotFollowed()
    {
        await using var sentinel = await FakeUpstream.StartAsync();

        var reply = await app.Customer.ChatAsync($"lab/fake-ok;redirect={sentinel.Address}");

        reply.Failed(502, "provider_answer_invalid");
        sentinel.Journal.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task OwnKey_CannotChooseAnAddress() =>
        await (await app.Customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "openai", key = "sk-own-12345678", base_url = "http://127.0.0.1:1/v1" }))
            .RefusedAsync(400, "invalid-request");

    [Fact]
    public async Task OwnKeyForLocalHost_Refused() =>
        await (await app.Customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "ollama", key = "sk-own-12345678" })).RefusedAsync(400, "invalid-request");
}
