using System.ComponentModel.DataAnnotations;

namespace Mercato.Recommend;

/// <summary>Options of the section <c>Mercato:Recommend</c>.</summary>
public sealed class RecommendOptions
{
    /// <summary>Recommendations that one network address may ask for in a minute.</summary>
    [Range(1, 100_000)]
    public int PerMinute { get; set; } = 30;

    /// <summary>Days for which the features of recommendations are kept.</summary>
    [Range(1, 3_650)]
    public int KeepDays { get; set; } = 90;
}
