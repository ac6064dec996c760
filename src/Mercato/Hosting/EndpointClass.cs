namespace Mercato.Hosting;

/// <summary>
/// Who may call an endpoint. The rule is bound to the endpoint itself, never to a path string, and an endpoint
/// without one stops the start.
/// </summary>
public enum EndpointClass
{
    /// <summary>Anybody; a credential is ignored unless the endpoint reads it.</summary>
    Public,

    /// <summary>The signed-in caller, on objects that the caller's account owns; others get 404.</summary>
    OwnObject,

    /// <summary>A call that may cost money: a token, or an API key with the inference scope. Never a cookie.</summary>
    Inference,

    /// <summary>Administrators only.</summary>
    Admin,

    /// <summary>Another system, proved by a signature.</summary>
    Webhook,

    /// <summary>Liveness and readiness.</summary>
    Health,
}

/// <summary>Declares the class, on a route group, an endpoint or a page.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class EndpointClassAttribute(EndpointClass value) : Attribute
{
    public EndpointClass Value => value;
}

public static class EndpointClasses
{
    public static TBuilder Is<TBuilder>(this TBuilder builder, EndpointClass value)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointClassAttribute(value));

    /// <summary>The class of an endpoint; the innermost declaration wins.</summary>
    public static EndpointClass? ClassOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<EndpointClassAttribute>()?.Value;

    /// <summary>Refuses to start while an endpoint has no class.</summary>
    public static void Check(IEnumerable<Endpoint> endpoints)
    {
        var open = endpoints.Where(endpoint => ClassOf(endpoint) is null)
            .Select(endpoint => endpoint.DisplayName).ToArray();
        if (open.Length > 0)
        {
            throw new InvalidOperationException(
                "Endpoints without a class (add .Is(EndpointClass...)): " + string.Join("; ", open));
        }
    }
}
