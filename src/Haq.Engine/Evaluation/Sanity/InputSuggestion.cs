using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>The preprocessing and labels under which a model knows a data set best, of those that are usual: what <c>haq init</c> writes, with the reason.</summary>
/// <param name="Options">The data set, read so.</param>
/// <param name="Why">One line: measured how, or why it is a guess.</param>
/// <param name="Problem">What is missing before it can be used; null where nothing is.</param>
public sealed record InputSuggestion(DatasetOptions Options, string Why, string? Problem = null)
{
    /// <summary>The data has labels, but of more classes than the model: it can be compared with the float model only.</summary>
    public bool HasOtherLabels { get; init; }

    private const double FitErrors = 6;

    private const int Rounds = 3, Samples = 128, UnlabelledSamples = 32, BytesOfImages = 255;

    /// <summary>Looks at the model and the data; runs the model on at most 128 samples a candidate.</summary>
    /// <param name="model">As it was read.</param>
    /// <param name="data">The files, with labels where some were found.</param>
    /// <param name="declared">Shapes of open inputs.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <exception cref="HaqException">ONNX Runtime refuses the model (HAQ0310).</exception>
    public static InputSuggestion Find(OnnxModel model, DatasetOptions data, ImmutableArray<InputOptions> declared, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        using var session = new OrtSession(model, ExactSessions.For(model));
        var start = Fitted(data, session);
        var trained = FirstNormalization.Of(model);
        bool classifies = session.Outputs.FirstOrDefault(o => o.Name == model.MainOutput) is { Shape.Length: 2 };
        var measured = new List<(InputGuess Guess, ChanceAgreement Agreement)>();
        var compared = new List<(InputGuess Guess, double Distance, double Ratio)>();
        bool bytes, others = false;
        try
        {
            using var set = Dataset.Open(start, session.Inputs, declared);
            bytes = HoldsBytes(set);
            long classes = session.Outputs.FirstOrDefault(o => o.Name == model.MainOutput) is { Shape: { Length: 2 } rows } ? rows[1] : 0;
            others = classes > 0 && set.HasLabels && Enumerable.Range(0, set.Count).Max(set.LabelOf) > classes;
            Look(new InputGuess("as stored", start), set);
        }
        catch (HaqException e)
        {
            return new InputSuggestion(start, "it could not be tried", e.Diagnostic.Message);
        }
        // One change at a time, and another one on top of the best of them: colours and means often go together.
        var from = start;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (var guess in InputGuesses.Of(from, InputGuesses.ChannelsOf(session), start.Labels?.Path is null ? TableColumns.Of(start) : []))
            {
                cancellation.ThrowIfCancellationRequested();
                if (guess.LabelShift == 0) Try(guess);
            }
            var best = measured.Count > 0 ? measured.MaxBy(m => m.Agreement.Kappa).Guess.Options : from;
            if (best == from) break;
            from = best;
        }
        if (measured.Count > 0 && measured.TrueForAll(m => m.Agreement.IsChance) && Fit() is { } fitted) return fitted;
        var found = measured.Count > 0 ? ByLabels(measured) : compared.Count > 0 ? ByTraining(compared) : Unmeasured(start, bytes);
        return others ? found with { Why = $"{found.Why}; the labels are of other classes than the model's, so agreement with the float model is measured", HasOtherLabels = true } : found;

        InputSuggestion? Fit()
        {
            int usual = measured.Count;
            var best = AffineFit.Find(start, options =>
            {
                cancellation.ThrowIfCancellationRequested();
                int before = measured.Count;
                Try(new InputGuess("fitted", options));
                return measured.Count > before ? measured[before].Agreement : null;
            }, out int tried);
            // The best of many by chance is some errors above it.
            if (best is not var (options, agreement) || agreement.Kappa <= FitErrors * agreement.StandardError) return null;
            return new InputSuggestion(options, string.Create(CultureInfo.InvariantCulture,
                $"{agreement.Accuracy:F1} % top-1 on {agreement.Samples} samples, fitted to their labels: of {usual} usual ways none does better than chance, so {tried} zero points and scales were tried. Put in the true ones where you know them"));
        }

        void Try(InputGuess guess)
        {
            try
            {
                using var set = Dataset.Open(guess.Options, session.Inputs, declared);
                Look(guess, set);
            }
            catch (HaqException e) when (e.Diagnostic.Descriptor != DiagnosticCatalog.RuntimeFailed)
            {
                return; // the data cannot be read that way
            }
        }

        void Look(InputGuess guess, Dataset set)
        {
            if (set.HasLabels && classifies && !others)
            {
                var classes = FloatClasses.Of(session, model.MainOutput, set, Samples, cancellation);
                measured.Add((guess, ChanceAgreement.Of(classes.Predicted, classes.Labels)));
                // The labels' start costs no run of the model, and no scale is seen to be right while it is wrong.
                foreach (int shift in new[] { -1, 1 })
                {
                    var labels = (guess.Options.Labels ?? new LabelOptions()) with { Offset = (guess.Options.Labels?.Offset ?? 0) + shift };
                    measured.Add((guess with { Options = guess.Options with { Labels = labels } }, ChanceAgreement.Of(classes.Predicted, [.. classes.Labels.Select(l => l + shift)])));
                }
            }
            else if (trained?.Compare(set, UnlabelledSamples, cancellation) is { } other)
            {
                compared.Add((guess, other.Distance, other.Ratio));
            }
        }
    }

    private static InputSuggestion Unmeasured(DatasetOptions start, bool bytes)
    {
        var plain = bytes && start.Preprocess == PreprocessOptions.None with { Resize = start.Preprocess.Resize }
            ? start with { Preprocess = start.Preprocess with { Scale = BytesOfImages } }
            : start;
        return new InputSuggestion(plain, bytes
            ? "a guess: bytes over 255. Nothing in model or data tells which preprocessing it was trained with"
            : "a guess: values as they are stored. Nothing in model or data tells which preprocessing it was trained with");
    }

    private static InputSuggestion ByLabels(List<(InputGuess Guess, ChanceAgreement Agreement)> measured)
    {
        var best = measured.MaxBy(m => m.Agreement.Kappa);
        string figure = string.Create(CultureInfo.InvariantCulture, $"{best.Agreement.Accuracy:F1} % top-1 on {best.Agreement.Samples} samples");
        return best.Agreement.IsChance
            ? new InputSuggestion(measured[0].Guess.Options, $"none of {measured.Count} usual ways to read the data does better than chance",
                $"with the best of {measured.Count} usual ways to read the data the float model has {figure}, no better than chance: the labels or the preprocessing are others. Correct them under 'data:'")
            : new InputSuggestion(best.Guess.Options, $"{figure}, the best of {measured.Count} usual ways to read the data");
    }

    private static InputSuggestion ByTraining(List<(InputGuess Guess, double Distance, double Ratio)> compared)
    {
        var best = compared.MinBy(c => Math.Max(c.Distance, Math.Abs(Math.Log2(Math.Max(c.Ratio, 1e-9)))));
        return new InputSuggestion(best.Guess.Options, string.Create(CultureInfo.InvariantCulture,
            $"nearest of {compared.Count} usual ways to what the first batch normalization was trained on ({best.Distance:F1} deviations off, spread {best.Ratio:G3} times as far)"));
    }

    // Images come in any size; the model's is known.
    private static DatasetOptions Fitted(DatasetOptions data, OrtSession session)
    {
        if ((data.Format ?? FormatGuess.Find(data.Files[0].File)) != DatasetFormat.Images || session.Inputs is not [{ Shape: { Length: 4 } shape }]) return data;
        var sides = shape[1] is 1 or 3 ? (shape[2], shape[3]) : (shape[1], shape[2]);
        return sides is ( > 0, > 0) ? data with { Preprocess = data.Preprocess with { Resize = [(int)sides.Item1, (int)sides.Item2] } } : data;
    }

    private static bool HoldsBytes(Dataset set)
    {
        using var batch = new Batch(set, Batches.SizeFor(set, 1));
        batch.Fill(set, [0]);
        float[] values = batch.Inputs[0].ToFloats();
        return values.Length > 0 && values.Max() > 2 && Array.TrueForAll(values, v => v is >= 0 and <= 255 && v == MathF.Truncate(v));
    }
}
