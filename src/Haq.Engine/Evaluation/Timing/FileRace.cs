using System.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>
/// Times whole models against each other in one process: round after round each in turn, so that what disturbs the machine disturbs all, until it is clear how each stands to the first one.
/// </summary>
internal sealed class FileRace : IDisposable
{
    // A reading shorter than this is mostly the clock's and the caller's.
    private const double LeastReading = 1.5e-3;

    private const int WarmUp = 3;

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
            for (int i = 0; i < WarmUp; i++) shortest = Math.Min(shortest, Once(s, 1));
        _repeats = Math.Clamp((int)Math.Ceiling(LeastReading / Math.Max(1e-7, shortest)), 1, _options.MostRepeats);
        for (int round = 1; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < _sessions.Count; i++)
            {
                int s = (i + round) % _sessions.Count;
                _times[s].Add(Once(s, _repeats));
            }
            if (round < _options.LeastRounds) continue;
            if (clock.Elapsed > _options.Patience || round >= _options.MostRounds) return Results();
            if (round % 5 == 0 && Results() is var results && results.All(r => r.IsSettled(_options.Margin))) return results;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions) session.Dispose();
    }

    private double Once(int session, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
            foreach (var output in _sessions[session].Run(_inputs)) output.Dispose();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }

    private RaceResult[] Results() => [.. _times.Select(t => RaceResult.Of(t, _times[0]))];
}
