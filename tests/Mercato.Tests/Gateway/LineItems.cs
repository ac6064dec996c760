using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Mercato.Tests.Gateway;

internal static class LineItems
{
    /// <summary>A bill's items add up to its total, to the last digit.</summary>
    public static void ShouldSumToCost(JsonElement generation) =>
        generation.GetProperty("line_items").EnumerateArray().Sum(item => item.Dollars("amount"))
            .ShouldBe(generation.Dollars("total_cost"), generation.GetRawText());
}

internal static class Ports
{
    /// <summary>A port on which nobody listens.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
