using System.Text.Json;

namespace Mercato.Tests.Gateway;

/// <summary>One turn over the Responses API, whole or streamed, as its client sees it.</summary>
/// <param name="Reply">The answer over HTTP.</param>
/// <param name="Response">The response object.</param>
public sealed record Turn(Reply Reply, JsonElement Response)
{
    public string Id => Response.Text("id");

    public IEnumerable<JsonElement> Items => Response.GetProperty("output").EnumerateArray();

    public string Text => string.Concat(Items.Where(item => item.Text("type") == "message")
        .SelectMany(item => item.GetProperty("content").EnumerateArray()).Select(part => part.Text("text")));

    /// <summary>The first output item of a type.</summary>
    public JsonElement Item(string type) => Items.First(item => item.Text("type") == type);

    /// <summary>Takes a turn that must succeed.</summary>
    public static async Task<Turn> TakeAsync(Customer customer, object body)
    {
        var reply = await TryAsync(customer, body);
        reply.Status.ShouldBe(200, reply.Text);
        var response = reply.IsStream ? reply.Events[^1].GetProperty("response") : reply.Body;
        response.Text("status").ShouldBe("completed", reply.Text);
        return new Turn(reply, response);
    }

    public static Task<Reply> TryAsync(Customer customer, object body) =>
        Reply.PostAsync(customer.Client, "/v1/responses", JsonSerializer.Serialize(body));
}
