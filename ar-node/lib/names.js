'use strict'
// Two spellings: JavaScript's camel case, and the published names of tables, columns and policies, which errors use too.

/** `dueDate` as `due_date`; a dimension, `dim_region`, stays. */
function published(name) {
  return name.startsWith('dim_') ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `due_date` as `dueDate`; a dimension stays. */
function camel(name) {
  return name.startsWith('dim_') ? name : name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
}

module.exports = { camel, published }
