namespace Haq.Engine.Manifest;

/// <summary>How the search scores a policy.</summary>
public enum SearchEvaluation
{
    /// <summary>The quantized network is run, without training.</summary>
    Measured,

    /// <summary>A short fine-tune first, as HAQ does.</summary>
    Finetuned,

    /// <summary>By sensitivity scores only.</summary>
    Surrogate,
}
