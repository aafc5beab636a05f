using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Labels out of an array: whole numbers, 0 or more.</summary>
internal static class LabelColumn
{
    /// <summary>The labels of an array with one element per sample.</summary>
    public static int[] Of(SampleArray array, FileReference file)
    {
        if (array.Elements != 1)
        {
            throw DataErrors.Labels(
                file, $"labels are one whole number per sample, but {(array.Name.Length > 0 ? $"array '{array.Name}'" : "it")} has samples of the shape {DataErrors.Text(array.Shape)}");
        }

        int[] labels = new int[array.Count];
        byte[] value = new byte[array.Bytes];
        for (int i = 0; i < labels.Length; i++)
        {
            array.Read(i, value);
            double label = ElementKinds.Real(array.Kind, value, 0);
            if (label != Math.Truncate(label) || label < 0 || label > int.MaxValue)
                throw DataErrors.Labels(file, FormattableString.Invariant($"label {i} is {label}; labels are classes, counted from 0"));
            labels[i] = (int)label;
        }
        return labels;
    }
}
