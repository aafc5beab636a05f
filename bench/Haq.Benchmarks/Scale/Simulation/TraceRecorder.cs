using System.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>Listens to one search: answers by scores that are known or measured on demand, and writes down what was asked, when, and for how long was thought between.</summary>
internal sealed class TraceRecorder(IWorkTimes times) : IProgress<SearchStep>
{
    private readonly List<ScoringSubject> _subjects = [];
    private readonly List<TracedCall> _calls = [];
    private readonly Stopwatch _thinking = new();
    private int _named;

    /// <summary>What was asked so far.</summary>
    public SearchTrace Trace => new([.. _subjects], [.. _calls]);

    /// <summary>An evaluator for the search, on one set of samples.</summary>
    public IForesightedEvaluator Of(ScoringSubject subject)
    {
        _subjects.Add(subject);
        return new Evaluator(this, subject);
    }

    /// <summary>A step says what the calls before it were for.</summary>
    public void Report(SearchStep value)
    {
        for (; _named < _calls.Count; _named++) _calls[_named].Phase = value.Phase;
    }

    private PolicyScore Answer(ScoringSubject subject, Policy policy, Policy? rival)
    {
        Note(new TracedCall(subject.Digest, [new EvaluationRequest(policy, rival)], IsAsked: true));
        int[] order = LossRace.Order(subject.Batches);
        var score = new Question(Complete(policy), rival is null ? null : Complete(rival), subject, order).Decide()!;
        _thinking.Restart();
        return score;

        Measurement Complete(Policy measured)
        {
            int[] places = new int[order.Length];
            for (int i = 0; i < order.Length; i++) places[order[i]] = i;
            var measurement = new Measurement(measured, subject, order, places);
            var scores = times.Scores(subject.Digest, measured);
            var batches = measurement.Take(order.Length, int.MaxValue);
            measurement.Put(batches, [.. batches.SelectMany(b => scores.AsSpan(subject.FirstOf(b), subject.CountOf(b)).ToArray())]);
            return measurement;
        }
    }

    private void Note(TracedCall call)
    {
        call.Thought = _thinking.Elapsed.TotalSeconds;
        _calls.Add(call);
    }

    private sealed class Evaluator(TraceRecorder recorder, ScoringSubject subject) : IForesightedEvaluator
    {
        public PolicyScore Float => subject.Float;

        public bool HasForesight => true;

        public void Announce(IReadOnlyList<EvaluationRequest> requests)
        {
            recorder.Note(new TracedCall(subject.Digest, [.. requests], IsAsked: false));
            recorder._thinking.Restart();
        }

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => recorder.Answer(subject, policy, null);

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => recorder.Answer(subject, policy, rival);
    }
}
