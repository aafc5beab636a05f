using Haq.Engine.Evaluation;

namespace Haq.Engine.Search;

/// <summary>How much of the accuracy an answer may lose, and for a while how close to the widest policy's its outputs have to be.</summary>
internal sealed class AccuracyLimit
{
    private readonly Quality _quality;
    private readonly double _original, _points;
    private double? _cosine;

    /// <summary>The problem's own limit.</summary>
    public AccuracyLimit(SearchProblem problem, Quality quality, PolicyScore original)
    {
        (_quality, _original, _points) = (quality, quality.Of(original), problem.AccuracyDropLimit ?? 0);
        IsStrict = _points <= MostStrict && quality.Read(original) is Quality.Cosine or Quality.Agreement;
    }

    /// <summary>A drop of half a point and less, in a figure without labels, asks for outputs that are float's for all that they are used for.</summary>
    private const double MostStrict = 0.5;

    /// <summary>Such a drop is allowed and no larger one.</summary>
    public bool IsStrict { get; }

    /// <summary>From now on answers must have a mean cosine of this at least.</summary>
    public void Require(double cosine) => _cosine = cosine;

    /// <summary>From now on the drop alone counts.</summary>
    public void Loosen() => _cosine = null;

    /// <summary>The score is within it.</summary>
    public bool Keeps(PolicyScore score) => _original - _quality.Of(score) <= _points && !(score.Cosine < _cosine);
}
