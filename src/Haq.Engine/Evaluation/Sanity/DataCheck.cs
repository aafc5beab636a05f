using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>What can be said without labels about whether data and preprocessing are a model's: its outputs, its inputs, and what its first batch normalization remembers of training.</summary>
/// <param name="model">The model as it was read.</param>
/// <param name="options">The data set as the manifest describes it.</param>
/// <param name="declared">What the manifest says about inputs.</param>
/// <param name="output">The output that is measured.</param>
public sealed class DataCheck(OnnxModel model, DatasetOptions options, ImmutableArray<InputOptions> declared, string output)
{
    private const int Samples = 32, Least = 8;

    /// <summary>Outputs whose spread over samples is below this share of their size do not tell samples apart.</summary>
    private const double LeastSpread = 1e-3;

    /// <summary>A share of input values that are all the same above which there is nothing to see in them; nine tenths of a drawing are background.</summary>
    private const double MostAlike = 0.998;

    /// <summary>Channel means that lie further off than this many trained deviations, or deviations further off than this factor, were not seen in training.</summary>
    private const double MostDistance = 2, MostRatio = 3;

    /// <summary>Warnings (HAQ1801 to HAQ1803), each with its figures; none where the set is too small to tell.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    public IReadOnlyList<Diagnostic> Warnings(IDataset data, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Count < Least) return [];
        var warnings = new List<Diagnostic>();
        using var session = new OrtSession(model, ExactSessions.For(model));
        var (spread, alike) = Look(session, data, cancellation);
        if (spread < LeastSpread)
        {
            warnings.Add(DiagnosticCatalog.OutputsIgnoreInput.At(data.At, string.Create(CultureInfo.InvariantCulture,
                $"output '{output}' differs between {Math.Min(Samples, data.Count)} samples by {100 * spread:G2} % of its size: agreement on them says nothing. Check 'preprocess', and that the data is this model's.")));
        }

        if (alike > MostAlike)
        {
            warnings.Add(DiagnosticCatalog.InputsSaturated.At(data.At, string.Create(CultureInfo.InvariantCulture,
                $"{100 * alike:F1} % of the values that the model is fed with are one and the same number. Check 'preprocess' (a scale that is far too large or too small?) and the data.")));
        }

        if (Unlike(session, data, cancellation) is { } unlike) warnings.Add(unlike);
        return warnings;
    }

    private (double Spread, double Alike) Look(OrtSession session, IDataset data, CancellationToken cancellation)
    {
        var counts = new Dictionary<float, long>();
        long elements = 0, rows = 0;
        double[] sum = [], squares = [];
        int[] order = [.. Enumerable.Range(0, Math.Min(Samples, data.Count))];
        foreach (var batch in Batches.InOrder(data, order, 4, cancellation))
        {
            float[] inputs = batch.Inputs[0].ToFloats();
            foreach (float value in inputs.AsSpan(0, inputs.Length / Math.Max(1, batch.Rows) * batch.Count))
            {
                ref long count = ref CollectionsMarshal.GetValueRefOrNullRef(counts, value);
                if (!Unsafe.IsNullRef(ref count)) count++;
                else if (counts.Count < 1024) counts[value] = 1;
                elements++;
            }
            using var result = session.Run(batch.ByName, [output])[0];
            float[] values = result.ToFloats();
            int width = values.Length / Math.Max(1, batch.Rows);
            if (sum.Length == 0) (sum, squares) = (new double[width], new double[width]);
            if (width != sum.Length) return (double.PositiveInfinity, 0); // outputs of other extents depend on the data, to say the least
            for (int r = 0; r < batch.Count; r++, rows++)
            {
                for (int i = 0; i < width; i++)
                {
                    double v = values[r * width + i];
                    sum[i] += v;
                    squares[i] += v * v;
                }
            }
        }
        double size = squares.Sum() / rows, variance = squares.Select((s, i) => Math.Max(0, s / rows - sum[i] / rows * (sum[i] / rows))).Sum();
        return (size > 0 ? Math.Sqrt(variance / size) : 0, elements > 0 ? counts.Values.DefaultIfEmpty().Max() / (double)elements : 0);
    }

    private Diagnostic? Unlike(OrtSession session, IDataset data, CancellationToken cancellation)
    {
        if (FirstNormalization.Of(model) is not { } trained) return null;
        var (distance, ratio) = trained.Compare(data, Samples, cancellation);
        if (IsLike(distance, ratio)) return null;
        string advice = "";
        foreach (var guess in InputGuesses.Of(options, InputGuesses.ChannelsOf(session), []).Where(g => g.LabelShift == 0))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Compare(session, trained, guess, cancellation) is not { } other || !IsLike(other.Distance, other.Ratio)) continue;
            advice = string.Create(CultureInfo.InvariantCulture, $" With '{guess.Change}' they lie {other.Distance:F1} deviations off and spread {other.Ratio:F2} times as far.");
            break;
        }
        return DiagnosticCatalog.InputsUnlikeTraining.At(data.At, string.Create(CultureInfo.InvariantCulture,
            $"what the first layer makes of this data lies {distance:F1} deviations from what its batch normalization was trained on, and spreads {ratio:G3} times as far (medians over channels).{advice} Check 'preprocess'."));
    }

    private (double Distance, double Ratio)? Compare(OrtSession session, FirstNormalization trained, InputGuess guess, CancellationToken cancellation)
    {
        try
        {
            using var data = Dataset.Open(guess.Options, session.Inputs, declared);
            return trained.Compare(data, Samples, cancellation);
        }
        catch (HaqException)
        {
            return null; // the data cannot be read that way
        }
    }

    private static bool IsLike(double distance, double ratio) => distance <= MostDistance && ratio is >= 1 / MostRatio and <= MostRatio;
}
