namespace Haq.Engine.Search.Regions;

/// <summary>How a search over plans ended.</summary>
public enum RegionVerdict
{
    /// <summary>A file that is faster than float and keeps what was asked.</summary>
    Faster,

    /// <summary>No file is faster than float.</summary>
    NothingFaster,

    /// <summary>Faster files exist; none keeps the accuracy that was asked for.</summary>
    NothingKept,

    /// <summary>Readings are too far apart to tell whether the best file is faster than float.</summary>
    TooNoisy,
}
