"""Templates of submissions, with what Catalejo writes for the images 7.jpg (cat), 8.jpg (dog) and 10.jpg (cat)."""

from __future__ import annotations

from tests.inputs.example import Example

TITLE = "Templates of submissions"
INTRODUCTION = (
    "`submit --template FILE` takes a competition's example file and writes its lines, in its order, with its own "
    "titles and ids; the column for the prediction is filled, every other column is kept. The form that was "
    "recognised, the code of each class and where it comes from are printed, and the file is read back and compared "
    "before it gets its name. Commas are written, whatever stood between the cells. In the examples a run knows the "
    "classes cat and dog and predicts a cat for 7.jpg, a dog for 8.jpg and a cat for 10.jpg."
)
EXAMPLES = (
    Example("Names of classes", "image,label\n7.jpg,cat\n8.jpg,cat\n10.jpg,cat\n",
            "The names of the classes, in the spelling of the template: cat, dog, cat."),
    Example("Names in another spelling", "image,label\n7.jpg,CAT\n8.jpg,CAT\n10.jpg,CAT\n",
            "All classes in that spelling: CAT, DOG, CAT."),
    Example("Codes", "ID,Ground_Truth\n7.jpg,0\n8.jpg,1\n10.jpg,0\n",
            "The codes of the template in natural order of the class names: 0, 1, 0. They are refused if the example "
            "answers contradict them."),
    Example("The same number everywhere", "ID,Ground_Truth\n7.jpg,0\n8.jpg,0\n10.jpg,0\n",
            "A placeholder: 0, 1, 2 … in natural order of the class names, or class names that are numbers."),
    Example("Empty answers", "ID,Ground_Truth\n7.jpg,\n8.jpg,\n10.jpg,\n", "Codes in natural order: 0, 1, 0."),
    Example("One probability", "id,label\n7,0.5\n8,0.5\n10,0.5\n",
            "The probability of the class with the code 1, here dog; which class it is gets printed. With three or "
            "more classes `--map` must say it."),
    Example("One probability, titled by its class", "id,p_cat\n7,0\n8,0\n10,0\n", "The probability of cat."),
    Example("Yes or no", "id,is_cat\n7,False\n8,True\n10,False\n",
            "True for the class in the title: True, False, True."),
    Example("A column a class", "image,dog,cat\n7.jpg,0,0\n8.jpg,0,0\n10.jpg,0,0\n",
            "The probability of each class in its own column; each line sums to 1."),
    Example("A column a class, by number", "image,class_0,class_1\n7.jpg,0.5,0.5\n8.jpg,0.5,0.5\n10.jpg,0.5,0.5\n",
            "The same; the numbers are codes in natural order of the class names, or those of `--map`."),
    Example("One-hot", "image,cat,dog\n7.jpg,1,0\n8.jpg,1,0\n10.jpg,0,1\n",
            "1 in the column of the predicted class, 0 in the others, because each line of the template has one 1."),
    Example("Class and confidence", "image,label,confidence\n7.jpg,cat,0.5\n8.jpg,cat,0.5\n10.jpg,cat,0.5\n",
            "The class and its probability."),
    Example("A line for each image and class",
            "id,class,probability\n7,cat,0\n7,dog,0\n8,cat,0\n8,dog,0\n10,cat,0\n10,dog,0\n",
            "The probability of the class that the line names."),
    Example("Image and class in one id",
            "id,probability\n7_cat,0\n7_dog,0\n8_cat,0\n8_dog,0\n10_cat,0\n10_dog,0\n",
            "The probability of the class that the id ends in."),
    Example("Ids with folders, zeros, other endings", "file,label\ntest/0007.png,cat\ntest/0008.png,cat\n10,cat\n",
            "The images 7.jpg, 8.jpg and 10.jpg; ids are written as they stand."),
    Example("Other columns, the id last", "fold,label,id\n1,cat,7\n2,cat,8\n1,cat,10\n",
            "The columns fold and id are kept."),
    Example("No titles", "7.jpg,cat\n8.jpg,cat\n10.jpg,cat\n", "A file without titles."),
    Example("From a spreadsheet with semicolons", "sep=;\nid;label\n7;0,5\n8;0,5\n10;0,5\n",
            "The probability of dog; commas between the cells, and decimals with a point."),
)
