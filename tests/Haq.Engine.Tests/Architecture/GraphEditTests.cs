using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Haq.Engine.Tests.Architecture;

/// <summary>Graphs are edited by the verbs of the rooms that know what a valid graph is: a patch for what is there, a builder for what is new.</summary>
public sealed class GraphEditTests
{
    private static readonly string[] s_editors = ["Onnx", "Graphs"];

    private static readonly string[] s_parts = ["NodeProto", "TensorProto", "ValueInfoProto", "SparseTensorProto", "OperatorSetIdProto", "FunctionProto", "AttributeProto", "String"];

    private static readonly string[] s_changes = ["Add", "AddRange", "Insert", "Remove", "RemoveAt", "Clear", "set_Item"];

    // Names, types and shapes beside a graph, which no node reads.
    private static readonly string[] s_notes = ["get_ValueInfo", "get_Dim", "get_MetadataProps"];

    [Fact]
    public void Only_the_rooms_of_graphs_change_their_lists()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        int seen = 0;
        foreach (var type in Rooms.Types)
        {
            string room = Rooms.RoomOf(type.FullName);
            foreach (var method in type.Methods.Where(m => m.HasBody))
            {
                foreach (var instruction in method.Body.Instructions.Where(IsChange))
                {
                    seen++;
                    if (room.Length > 0 && !s_editors.Contains(room) && !IsNote(instruction)) found.Add($"{method.FullName}: {((MethodReference)instruction.Operand).FullName}");
                }
            }
        }
        Assert.True(seen > 20, "the rooms of graphs change lists, and this test does not see it");
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    private static bool IsChange(Instruction instruction) =>
        instruction.Operand is MethodReference { DeclaringType: GenericInstanceType { GenericArguments: [var part] } list } method
        && list.ElementType.Name == "RepeatedField`1" && s_parts.Contains(part.Name) && s_changes.Contains(method.Name);

    // The nearest list that was taken out of a message before.
    private static bool IsNote(Instruction instruction)
    {
        for (var before = instruction.Previous; before is not null; before = before.Previous)
            if (before.Operand is MethodReference { ReturnType: GenericInstanceType { ElementType.Name: "RepeatedField`1" } } taken) return s_notes.Contains(taken.Name);
        return false;
    }
}
