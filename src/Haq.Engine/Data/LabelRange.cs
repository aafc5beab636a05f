using Haq.Engine.Diagnostics;

namespace Haq.Engine.Data;

/// <summary>Labels against the number of classes that a model's output has.</summary>
public static class LabelRange
{
    /// <summary>Refuses labels that no class has.</summary>
    /// <param name="dataset">A set without labels passes.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="output">The output's name, for the message.</param>
    /// <exception cref="HaqException">A label is <paramref name="classes"/> or more (HAQ0104).</exception>
    public static void Check(IDataset dataset, int classes, string output)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (!dataset.HasLabels) return;
        for (int i = 0; i < dataset.Count; i++)
        {
            int label = dataset.LabelOf(i);
            if (label < classes) continue;
            throw DiagnosticCatalog.DataLabels.Error(dataset.At,
                $"sample {i} of {dataset.Name} has the label {label}, but output '{output}' has {classes} classes, 0 to {classes - 1}: check that the labels belong to this model.");
        }
    }
}
