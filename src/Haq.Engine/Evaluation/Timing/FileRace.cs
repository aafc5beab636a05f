using System.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>
/// Times whole models against each other in one process: round after round each in turn, so that what disturbs the machine disturbs all, until it is clear how each stands to the first one.
/// </summary>
internal sealed class FileRace : IDisposable
{
    // A reading is of several runs, so that what disturbs some of them does not count.
    private const double UsualReading = 8e-3, LongRun = 0.1;

    private const int WarmUp = 3, LeastRepeats = 3;

    private readonly List<OrtSession> _sessions = [];
    private readonly List<List<double>> _times = [];
    private readonly IReadOnlyDictionary<string, OrtTensor> _inputs;
    private readonly RaceOptions _options;
    private int _repeats = 1;

    /// <summary>Makes the models ready; the first is what the others are compared with.</summary>
    public FileRace(IEnumerable<OnnxModel> models, SessionSettings settings, IReadOnlyDictionary<string, OrtTensor> inputs, RaceOptions options)
    {
        (_inputs, _options) = (inputs, options);
        try
        {
            foreach (var model in models)
            {
                _sessions.Add(new OrtSession(model, settings));
                _times.Add([]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs until every ratio to the first is known well enough, or the limits are reached.</summary>
    public RaceResult[] Run(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        double shortest = double.PositiveInfinity;
        for (int s = 0; s < _sessions.Count; s++)
            for (int i = 0; i < WarmUp; i++) shortest = Math.Min(shortest, Once(s));
        _repeats = shortest > LongRun ? 1 : Math.Clamp((int)Math.Ceiling(UsualReading / Math.Max(1e-7, shortest)), LeastRepeats, _options.MostRepeats);
        double[] runs = new double[_repeats];
        for (int round = 1; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < _sessions.Count; i++)
            {
                int s = (i + round) % _sessions.Count;
                for (int r = 0; r < _repeats; r++) runs[r] = Once(s);
                Array.Sort(runs);
                _times[s].Add(runs[_repeats / 4]);
            }
            if (round < _options.LeastRounds) continue;
            if (clock.Elapsed > _options.Patience || round >= _options.MostRounds) return Results();
            if (round % 5 == 0 && Results() is var results && results.All(r => r.IsSettled(_options.Margin, _options.IsForSign))) return results;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions) session.Dispose();
    }

    private double Once(int session)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (var output in _sessions[session].Run(_inputs)) output.Dispose();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private RaceResult[] Results() => [.. _times.Select(t => RaceResult.Of(t, _times[0]))];
}
