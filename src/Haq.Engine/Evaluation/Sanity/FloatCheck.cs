using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>
/// Does the float model know the data that it is measured on? A wrong scale or label column gives a network at chance level, beside which every quantized one looks perfect. Where it does no better
/// than chance, other ways to read the data are tried, and the accuracy that each gives is told.
/// </summary>
/// <param name="model">The float model.</param>
/// <param name="options">The data set as the manifest describes it.</param>
/// <param name="declared">What the manifest says about inputs.</param>
/// <param name="output">The output that holds the classes.</param>
public sealed class FloatCheck(OnnxModel model, DatasetOptions options, ImmutableArray<InputOptions> declared, string output)
{
    /// <summary>Fewer samples cannot tell a weak model from chance.</summary>
    private const int Least = 30;

    private const int Convincing = 100, Samples = 256, Told = 4;

    /// <summary>The error (HAQ0504), or null where the model does better than chance, or where too few samples have labels to say so.</summary>
    /// <param name="set">The set with the float model's scores on it.</param>
    /// <param name="data">Its samples.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    public Diagnostic? Find(EvaluationSet set, IDataset data, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(data);
        if (!set.HasTop1 || data.Count < Least || IsFarAboveGuessing(set, data)) return null;
        using var session = new OrtSession(model, ExactSessions.For(model));
        var now = FloatClasses.Of(session, output, data, Samples, cancellation);
        var agreement = ChanceAgreement.Of(now.Predicted, now.Labels);
        if (!agreement.IsChance) return null;
        var tried = Try(session, now, cancellation);
        // A weak model looks like chance on few samples: there it takes a way to read them that does better.
        if (data.Count < Convincing && tried.TrueForAll(t => t.Agreement.IsChance)) return null;
        return DiagnosticCatalog.FloatAtChance.At(data.At, Message(agreement, now, tried));
    }

    // Most models are, and need no second look.
    private static bool IsFarAboveGuessing(EvaluationSet set, IDataset data)
    {
        double constant = Enumerable.Range(0, data.Count).CountBy(data.LabelOf).Max(c => c.Value) / (double)data.Count;
        double error = Math.Sqrt(constant * (1 - constant) / data.Count);
        return set.Float.Top1 / 100 > constant + 5 * error + 0.01;
    }

    private List<(string Change, ChanceAgreement Agreement)> Try(OrtSession session, FloatClasses now, CancellationToken cancellation)
    {
        var tried = new List<(string, ChanceAgreement)>();
        foreach (var guess in InputGuesses.Of(options, InputGuesses.ChannelsOf(session), TableColumns.Of(options)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (guess.LabelShift != 0)
            {
                tried.Add((guess.Change, ChanceAgreement.Of(now.Predicted, [.. now.Labels.Select(l => l + guess.LabelShift)])));
                continue;
            }
            if (Read(session, guess, cancellation) is { } classes) tried.Add((guess.Change, ChanceAgreement.Of(classes.Predicted, classes.Labels)));
        }
        return tried;
    }

    /// <summary>Null where the data cannot be read that way: a guess, no instruction.</summary>
    private FloatClasses? Read(OrtSession session, InputGuess guess, CancellationToken cancellation)
    {
        try
        {
            using var data = Dataset.Open(guess.Options, session.Inputs, declared);
            return data.HasLabels ? FloatClasses.Of(session, output, data, Samples, cancellation) : null;
        }
        catch (HaqException)
        {
            return null;
        }
    }

    private static string Message(ChanceAgreement agreement, FloatClasses now, List<(string Change, ChanceAgreement Agreement)> tried)
    {
        bool constant = now.Predicted.AsSpan().IndexOfAnyExcept(now.Predicted[0]) < 0;
        string what = string.Create(CultureInfo.InvariantCulture,
            $"the float model has {agreement.Accuracy:F1} % top-1 on {agreement.Samples} samples, no better than chance (always guessing the most frequent label gives {agreement.Constant:F1} %)");
        if (constant) what += $": it calls every sample class {now.Predicted[0].ToString(CultureInfo.InvariantCulture)}";
        var better = tried.Where(t => !t.Agreement.IsChance).OrderByDescending(t => t.Agreement.Kappa).Take(Told).ToList();
        string figures = string.Join("; ", (better.Count > 0 ? better : [.. tried.OrderByDescending(t => t.Agreement.Accuracy).Take(Told)])
            .Select(t => string.Create(CultureInfo.InvariantCulture, $"'{t.Change}' gives {t.Agreement.Accuracy:F1} %")));
        return better.Count > 0
            ? $"{what}. Tried: {figures}. Say so in haq.yaml, or 'gate: warning' to go on as it is."
            : $"{what}. {(figures.Length > 0 ? $"Nothing that was tried helps ({figures}). " : "")}Check that data, labels and preprocessing are this model's, or say 'gate: warning' to go on as it is.";
    }
}
