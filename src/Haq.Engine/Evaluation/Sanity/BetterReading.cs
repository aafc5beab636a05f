using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>
/// Is there a usual way to read the data under which the float model knows its labels clearly better? Colours in the wrong order or another family's means leave a network well above chance, and
/// cost it ten points that no quantization is to blame for. Both ways are held against each other on the same samples, by McNemar's test (1947) on those that only one of them gets right.
/// </summary>
/// <param name="model">The float model.</param>
/// <param name="options">The data set as the manifest describes it.</param>
/// <param name="declared">What the manifest says about inputs.</param>
/// <param name="output">The output that holds the classes.</param>
internal sealed class BetterReading(OnnxModel model, DatasetOptions options, ImmutableArray<InputOptions> declared, string output)
{
    // Of all tries together: a few seconds on two cores.
    private const double Macs = 3e11;

    private const int Fewest = 64, Most = 256;

    /// <summary>A dozen ways are tried, and one of them must not win by chance.</summary>
    private const double Errors = 4;

    /// <summary>The warning (HAQ1923) about the best other way; null where none is better, or where the network is too large to try.</summary>
    /// <param name="macs">Multiply-accumulates of the model on one sample.</param>
    /// <param name="at">Where the manifest names the data, if it does.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    public Diagnostic? Find(long macs, SourceLocation? at, CancellationToken cancellation)
    {
        using var session = new OrtSession(model, ExactSessions.For(model));
        InputGuess[] guesses = [.. InputGuesses.Of(options, InputGuesses.ChannelsOf(session), TableColumns.Of(options)).Where(g => g.LabelShift == 0)];
        int samples = (int)Math.Min(Most, Macs / Math.Max(1, (double)macs * (guesses.Length + 1)));
        if (samples < Fewest || Read(session, options, samples, cancellation) is not { } now || now.Labels.Length < Fewest) return null;
        (InputGuess Guess, double Errors, int Right, int Gained, int Lost)? best = null;
        foreach (var guess in guesses)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Read(session, guess.Options, samples, cancellation) is not { } other || other.Labels.Length != now.Labels.Length) continue;
            int gained = 0, lost = 0, right = 0;
            for (int i = 0; i < now.Labels.Length; i++)
            {
                bool was = now.Predicted[i] == now.Labels[i], becomes = other.Predicted[i] == other.Labels[i];
                if (becomes) right++;
                if (becomes && !was) gained++;
                if (was && !becomes) lost++;
            }
            double errors = (gained - lost) / Math.Sqrt(Math.Max(1, gained + lost));
            if (errors > Errors && (best is not { } known || right > known.Right)) best = (guess, errors, right, gained, lost);
        }
        if (best is not { } better) return null;
        return DiagnosticCatalog.ReadsBetter.At(at, Message(better.Guess.Change, better.Right, better.Gained, better.Lost, now.Labels.Length));
    }

    private static string Message(string change, int right, int gained, int lost, int samples)
    {
        double ToPercent(int count) => 100.0 * count / samples;
        string figures = string.Create(CultureInfo.InvariantCulture, $"right on {ToPercent(right):F1} % of {samples} samples, as the data is read now on {ToPercent(right - gained + lost):F1} %");
        return string.Create(CultureInfo.InvariantCulture,
            $"with '{change}' the float model is {figures}: {gained} more, and {lost} fewer. Say so in haq.yaml if that is how the model was trained.");
    }

    private FloatClasses? Read(OrtSession session, DatasetOptions way, int samples, CancellationToken cancellation)
    {
        try
        {
            using var data = Dataset.Open(way, session.Inputs, declared);
            return data.HasLabels ? FloatClasses.Of(session, output, data, samples, cancellation) : null;
        }
        catch (HaqException)
        {
            return null; // the data cannot be read that way
        }
    }
}
