namespace Haq.Engine.Search;

/// <summary>What a strategy looks for.</summary>
public enum SearchReward
{
    /// <summary>The lowest loss.</summary>
    Loss,

    /// <summary>The highest accuracy: its best policy may have the higher loss of two. It knows no other objective.</summary>
    Accuracy,
}
