using System.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>
/// Times whole models against each other in one process: round after round each in turn, so that what disturbs the machine disturbs all, until it is clear how each stands to the first one.
/// </summary>
internal sealed class FileRace : IDisposable
{
    private readonly OrtSession _first;
    private readonly List<OrtSession> _sessions = [];
    private readonly IReadOnlyDictionary<string, OrtTensor> _inputs;
    private readonly RaceOptions _options;

    /// <summary>Makes the models ready.</summary>
    /// <param name="first">What they are compared with: it may race again, and its maker disposes of it.</param>
    /// <param name="models">The models.</param>
    /// <param name="settings">Their sessions.</param>
    /// <param name="inputs">What is run.</param>
    /// <param name="options">How long.</param>
    public FileRace(OrtSession first, IEnumerable<OnnxModel> models, SessionSettings settings, IReadOnlyDictionary<string, OrtTensor> inputs, RaceOptions options)
    {
        (_first, _inputs, _options) = (first, inputs, options);
        try
        {
            foreach (var model in models) _sessions.Add(new OrtSession(model, settings));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs until every ratio to the first is known well enough, or the limits are reached.</summary>
    public RaceResult[] Run(CancellationToken cancellation) => new Rounds([.. _sessions.Prepend(_first).Select<OrtSession, Func<double>>(session => () => Once(session))], _options).Run(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions) session.Dispose();
    }

    private double Once(OrtSession session)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (var output in session.Run(_inputs)) output.Dispose();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
