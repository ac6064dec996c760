using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Data;

/// <summary>A DataProtection key (cookies, antiforgery, one-time links), sealed under the key ring.</summary>
internal sealed class ProtectionKey
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required byte[] SealedXml { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<ProtectionKey>
    {
        public void Configure(EntityTypeBuilder<ProtectionKey> entity) => entity.ToTable("protection_keys");
    }
}

/// <summary>Keeps DataProtection's keys in the database, so that every node opens every node's cookies.</summary>
internal sealed class SealedKeyStore(IServiceScopeFactory scopes, KeyRing keyRing, TimeProvider time) : IXmlRepository
{
    private const string Use = "data-protection";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return [.. context.Set<ProtectionKey>().AsNoTracking().OrderBy(key => key.CreatedAt).AsEnumerable()
            .Select(key => XElement.Parse(keyRing.OpenText(Use, key.SealedXml)))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var scope = scopes.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        context.Add(new ProtectionKey
        {
            Id = Guid.CreateVersion7(),
            Name = friendlyName,
            SealedXml = keyRing.Seal(Use, element.ToString(SaveOptions.DisableFormatting)),
            CreatedAt = time.GetUtcNow(),
        });
        context.SaveChanges();
    }
}
