namespace Haq.Engine.Evaluation.Distributed;

/// <summary>A policy's score, alone or in a race, that is asked for or will be.</summary>
internal sealed class Question
{
    private readonly ScoringSubject _subject;
    private readonly int[] _order;
    private readonly int[] _comparisons;
    private LossRace? _race;
    private int _compared;

    /// <summary>A question about a policy, which may race against another one.</summary>
    public Question(Measurement measurement, Measurement? rival, ScoringSubject subject, int[] order)
    {
        (Measurement, Rival, _subject, _order) = (measurement, rival, subject, order);
        _comparisons = rival is null ? [order.Length] : [.. LossRace.Comparisons(order.Length)];
    }

    /// <summary>The policy's measurement.</summary>
    public Measurement Measurement { get; }

    /// <summary>That of the policy which it races against; null where it is measured to the end.</summary>
    public Measurement? Rival { get; }

    /// <summary>The answer; null before it is known.</summary>
    public PolicyScore? Answer { get; private set; }

    /// <summary>How many batches of the order are needed before anything can be decided. After that it may be enough.</summary>
    public int Needed => _comparisons[Math.Min(_compared, _comparisons.Length - 1)];

    /// <summary>Why there will be no answer; null where nothing speaks against it.</summary>
    public Exception? Failure => Measurement.Failure ?? Rival?.Failure;

    /// <summary>Decides what can be decided by the scores that are there: at every comparison of a race in turn, by the samples up to there alone.</summary>
    public PolicyScore? Decide()
    {
        if (Answer is not null || Rival is { IsComplete: false }) return Answer;
        for (; _compared < _comparisons.Length && Measurement.IsDone(_comparisons[_compared]); _compared++)
        {
            int until = _comparisons[_compared];
            if (until == _order.Length && Rival is null) return Answer = _subject.Summarize(Measurement.Scores);
            _race ??= new LossRace(Rival!.Scores, _subject.Rows, _subject.Kind);
            if (until == _order.Length) return Answer = _subject.Summarize(Measurement.Scores) with { RaceError = _race.ErrorAtEnd(Measurement.Scores) };
            if (_race.IsLost(Measurement.Scores, _order.AsSpan(0, until))) return Answer = _subject.Summarize(Seen(until)) with { StoppedEarly = true };
        }
        return null;
    }

    private SampleScore[] Seen(int until)
    {
        var seen = new List<SampleScore>(until * _subject.Rows);
        foreach (int batch in _order.AsSpan(0, until)) seen.AddRange(Measurement.Scores.AsSpan(_subject.FirstOf(batch), _subject.CountOf(batch)));
        return [.. seen];
    }
}
