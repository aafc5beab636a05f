namespace Haq.Engine.Evaluation.Sanity;

/// <summary>
/// How much predicted classes and labels agree beyond what their frequencies alone would give: Cohen's κ = (p_o − p_e) / (1 − p_e) (Cohen 1960), with its standard error where they are independent
/// (Fleiss, Cohen and Everitt 1969). A model at chance and one that always says the same class both have κ = 0, however unequal the classes are.
/// </summary>
/// <param name="Kappa">1 for full agreement, 0 for chance, negative below it.</param>
/// <param name="StandardError">Of <paramref name="Kappa"/> were predictions and labels independent.</param>
/// <param name="Accuracy">Share of samples on which they agree, in percent.</param>
/// <param name="Constant">The accuracy of always guessing the most frequent label, in percent.</param>
/// <param name="Samples">How many.</param>
internal readonly record struct ChanceAgreement(double Kappa, double StandardError, double Accuracy, double Constant, int Samples)
{
    /// <summary>Below this many standard errors above chance nobody would say that a model knows the classes.</summary>
    private const double Doubt = 3;

    /// <summary>The model does not do better than chance, or too few samples show it.</summary>
    public bool IsChance => !(Kappa > Doubt * StandardError);

    /// <summary>The agreement of two lists of classes.</summary>
    /// <exception cref="ArgumentException">They are empty or of different lengths.</exception>
    public static ChanceAgreement Of(ReadOnlySpan<int> predicted, ReadOnlySpan<int> labels)
    {
        if (predicted.Length != labels.Length || labels.IsEmpty) throw new ArgumentException($"{predicted.Length} predictions beside {labels.Length} labels", nameof(predicted));
        double n = labels.Length;
        var rows = new Dictionary<int, double>();
        var columns = new Dictionary<int, double>();
        double agree = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            rows[predicted[i]] = rows.GetValueOrDefault(predicted[i]) + 1 / n;
            columns[labels[i]] = columns.GetValueOrDefault(labels[i]) + 1 / n;
            if (predicted[i] == labels[i]) agree += 1 / n;
        }
        double expected = 0, spread = 0;
        foreach (var (label, column) in columns)
        {
            double row = rows.GetValueOrDefault(label);
            expected += row * column;
            spread += row * column * (row + column);
        }
        double constant = 100 * columns.Values.Max();
        if (expected >= 1) return new ChanceAgreement(0, 0, 100 * agree, constant, labels.Length);
        double error = Math.Sqrt(Math.Max(0, expected + expected * expected - spread) / n) / (1 - expected);
        return new ChanceAgreement((agree - expected) / (1 - expected), error, 100 * agree, constant, labels.Length);
    }
}
