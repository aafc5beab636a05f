namespace Haq.Engine.Reporting;

/// <summary>What sensitivity scores are in, by how they were made.</summary>
internal static class ScoreUnit
{
    /// <summary>For example <c>nats</c>; the scorer's name in the manifest may be null where it is not known.</summary>
    public static string Of(string? scoredBy) => scoredBy switch
    {
        "sqnr" => "of noise to signal",
        "local" => "of local error",
        _ => "nats",
    };

    /// <summary>The scores are damage as it is measured, so that sums of them compare with measurements.</summary>
    public static bool IsDamage(string? scoredBy) => Of(scoredBy) == "nats";
}
