using Haq.Engine.Evaluation;

namespace Haq.Engine.Search;

/// <summary>How much of the accuracy an answer may lose, and for a while how close to the widest policy's its outputs have to be.</summary>
internal sealed class AccuracyLimit
{
    private readonly Quality _quality;
    private readonly double _original, _points;
    private double? _cosine;
    private double _allowed;

    /// <summary>The problem's own limit.</summary>
    public AccuracyLimit(SearchProblem problem, Quality quality, PolicyScore original)
    {
        (_quality, _original, _points) = (quality, quality.Of(original), problem.AccuracyDropLimit ?? 0);
        _allowed = _points;
        IsStrict = _points <= MostStrict && quality.Read(original) is Quality.Cosine or Quality.Agreement;
    }

    /// <summary>A drop of half a point and less, in a figure without labels, asks for outputs that are float's for all that they are used for.</summary>
    private const double MostStrict = 0.5;

    // Under a strict limit a fifth is kept for samples that were not searched on.
    private const double UsedOfStrict = 0.8;

    /// <summary>Such a drop is allowed and no larger one.</summary>
    public bool IsStrict { get; }

    /// <summary>From now on answers must have a mean cosine of this at least, and leave a part of the drop unused that <paramref name="widest"/>, the best there is, does not need itself.</summary>
    public void Require(double cosine, PolicyScore widest) =>
        (_cosine, _allowed) = (cosine, Math.Max(UsedOfStrict * _points, Math.Min(_points, _original - _quality.Of(widest))));

    /// <summary>From now on the cosine does not count.</summary>
    public void Loosen() => _cosine = null;

    /// <summary>The score is within it.</summary>
    public bool Keeps(PolicyScore score) => _original - _quality.Of(score) <= _allowed && !(score.Cosine < _cosine);
}
