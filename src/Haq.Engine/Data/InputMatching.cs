using System.Collections.Immutable;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>Decides which array feeds which input: as the manifest says, else by name, else by order.</summary>
internal static class InputMatching
{
    /// <summary>For every input the number of its array; −1 for an input that holds no values and has none.</summary>
    /// <exception cref="HaqException">An input has no array, or the manifest names what is not there (HAQ0108).</exception>
    public static int[] Match(ImmutableArray<SourceArray> arrays, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> options)
    {
        int[] chosen = new int[inputs.Count];
        Array.Fill(chosen, -1);
        var free = new SortedSet<int>(Enumerable.Range(0, arrays.Length));
        void Claim(int input, int array)
        {
            chosen[input] = array;
            free.Remove(array);
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            if (options.FirstOrDefault(o => o.Name == inputs[i].Name) is not { Array: { } wanted } option) continue;
            int found = IndexOf(arrays, a => a.Name == wanted);
            if (found < 0) throw DiagnosticCatalog.DataInputs.Error(option.At, $"'{arrays[0].File.Text}' has no array '{wanted}'; it has {Names(arrays)}.");
            Claim(i, found);
        }
        for (int a = 0; a < arrays.Length; a++)
        {
            if (arrays[a].Input is not { } wanted) continue;
            int input = inputs.ToList().FindIndex(n => n.Name == wanted);
            if (input < 0) throw DiagnosticCatalog.DataInputs.Error(arrays[a].File.At, $"the model has no input '{wanted}'; it has {string.Join(", ", inputs.Select(n => n.Name))}.");
            Claim(input, a);
        }
        for (int i = 0; i < inputs.Count; i++)
            if (chosen[i] < 0 && IndexOf(arrays, a => a.Name == inputs[i].Name) is >= 0 and var same && free.Contains(same)) Claim(i, same);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (chosen[i] >= 0 || InputFit.IsEmpty(inputs[i], options.FirstOrDefault(o => o.Name == inputs[i].Name))) continue;
            if (free.Count == 0)
            {
                throw DiagnosticCatalog.DataInputs.Error(arrays[0].File.At,
                    $"nothing is left to feed the model's input '{inputs[i].Name}': '{arrays[0].File.Text}' has {Names(arrays)}, the model {string.Join(", ", inputs.Select(n => n.Name))}. "
                    + "Add the array, or say which feeds which under 'inputs:'.");
            }
            Claim(i, free.Min);
        }
        return chosen;
    }

    private static int IndexOf(ImmutableArray<SourceArray> arrays, Func<SourceArray, bool> isIt)
    {
        for (int a = 0; a < arrays.Length; a++)
            if (isIt(arrays[a])) return a;
        return -1;
    }

    private static string Names(ImmutableArray<SourceArray> arrays) =>
        arrays.All(a => a.Name.Length == 0) ? arrays.Length == 1 ? "one array" : $"{arrays.Length} arrays" : string.Join(", ", arrays.Select(a => a.Name));
}
