namespace Mercato.Data;

/// <summary>Settings of the data layer; the section is `Mercato`.</summary>
public sealed class DataOptions
{
    /// <summary>Folder of the SQLite file, the lock file and a generated master key.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>Key ring: number -> 32 bytes in base64. The highest number seals; all of them open.</summary>
    public Dictionary<string, string> MasterKeys { get; init; } = [];

    public static DataOptions From(IConfiguration configuration) =>
        configuration.GetSection("Mercato").Get<DataOptions>() ?? new DataOptions();

    /// <summary>The data folder, created when missing.</summary>
    public static string Folder(IConfiguration configuration) =>
        Directory.CreateDirectory(From(configuration).DataDirectory).FullName;
}
